using System.Text.Json;
using DftNative.ChatTemplates.Jinja;

namespace DftNative.Tests.ChatTemplates;

/// <summary>What a rendering gave: a text with its generation spans, or an error.</summary>
internal sealed record JinjaAnswer(string? Text, string Spans, string? Error)
{
    public static readonly DateTime Now = new(2024, 7, 6, 5, 4, 3);

    /// <summary>Renders by this library.</summary>
    public static JinjaAnswer Render(JinjaRequest request)
    {
        using var document = JsonDocument.Parse(request.Variables.ToJsonString());
        var variables = document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => JinjaJson.FromElement(property.Value));
        try
        {
            var rendering = JinjaTemplate.Parse(request.Template).Render(variables, () => Now);
            return new JinjaAnswer(rendering.Text, string.Join(' ', rendering.GenerationSpans.Select(span => $"{PythonString.CodePointIndex(rendering.Text, span.Start)}-{PythonString.CodePointIndex(rendering.Text, span.End)}")), null);
        }
        catch (JinjaException error)
        {
            return new JinjaAnswer(null, "", error.Message);
        }
    }

    /// <summary>Reads a line of tests/oracles/render.py.</summary>
    public static JinjaAnswer Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        if (document.RootElement.TryGetProperty("error", out var error)) return new JinjaAnswer(null, "", error.GetString());
        var spans = document.RootElement.GetProperty("spans").EnumerateArray().Select(span => $"{span[0].GetInt32()}-{span[1].GetInt32()}");
        return new JinjaAnswer(document.RootElement.GetProperty("text").GetString(), string.Join(' ', spans), null);
    }

    /// <summary>Whether both rendered the same, or both refused.</summary>
    public bool Agrees(JinjaAnswer other) => Text == other.Text && Spans == other.Spans;
}
