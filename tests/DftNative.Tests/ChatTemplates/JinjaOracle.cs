using System.Text.Json.Nodes;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Jinja2, set up as transformers sets it up.</summary>
internal static class JinjaOracle
{
    private const string Python = "/usr/bin/python3";

    /// <summary>Renders each request by both, and fails with the first that differ.</summary>
    /// <returns>How many renderings gave a text.</returns>
    public static int AssertSame(IReadOnlyList<JinjaRequest> requests)
    {
        if (Oracles.Run(Python, "-c", "import importlib.util; print(importlib.util.find_spec('jinja2') is not None)").Trim() != "True")
            Assert.Ignore("Jinja2 is not installed (Debian: apt-get install python3-jinja2)");
        using var scratch = new ScratchDirectory();
        var (input, output) = (scratch.PathOf("input.jsonl"), scratch.PathOf("output.jsonl"));
        var now = new JsonArray(2024, 7, 6, 5, 4, 3);
        File.WriteAllLines(input, requests.Select(request => new JsonObject
        {
            ["template"] = request.Template,
            ["variables"] = request.Variables.DeepClone(),
            ["now"] = now.DeepClone(),
        }.ToJsonString()));
        Oracles.Run(Python, Path.Combine(Oracles.Root, "tests", "oracles", "render.py"), input, output);
        var expected = File.ReadLines(output).Select(JinjaAnswer.Parse).ToList();
        Assert.That(expected, Has.Count.EqualTo(requests.Count));
        var differences = new List<string>();
        for (var i = 0; i < requests.Count; i++)
        {
            var actual = JinjaAnswer.Render(requests[i]);
            if (!actual.Agrees(expected[i])) differences.Add($"{requests[i].Template}\n{requests[i].Variables.ToJsonString()}\nJinja2: {expected[i]}\nours: {actual}");
        }

        Assert.That(differences, Is.Empty, () => $"{differences.Count} of {requests.Count} differ, first:\n{string.Join("\n\n", differences.Take(12))}");
        return expected.Count(answer => answer.Error is null);
    }
}
