using System.Text.Json.Nodes;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Real chat templates and made-up templates against Jinja2.</summary>
[Category("Slow")]
internal sealed class JinjaOracleTests
{
    private const int ConversationsPerTemplate = 400;

    [TestCase("aya_expanse")]
    [TestCase("command_r_plus")]
    [TestCase("deepseek_v3")]
    [TestCase("gemini")]
    [TestCase("gemma3")]
    [TestCase("internlm2")]
    [TestCase("llama3")]
    [TestCase("llama3_1")]
    [TestCase("llama3_2")]
    [TestCase("minicpm_v4_5")]
    [TestCase("mistral_nemo")]
    [TestCase("qwen1_5")]
    [TestCase("qwen2_5")]
    [TestCase("qwen3")]
    public void TemplateOfAModel(string model)
    {
        var configuration = JsonNode.Parse(File.ReadAllText(Path.Combine(Oracles.TokenizerDirectory(model), "tokenizer_config.json")))!;
        var templates = configuration["chat_template"] switch
        {
            JsonArray list => list.Select(item => (string)item!["template"]!).ToList(),
            JsonValue text => [(string)text!],
            _ => [],
        };
        if (templates.Count == 0) Assert.Ignore($"{model} has no chat template");
        var random = new Random(5);
        var requests = templates.SelectMany(template => Enumerable.Range(0, ConversationsPerTemplate).Select(_ => new JinjaRequest(template, Conversations.Create(random)))).ToList();
        var rendered = JinjaOracle.AssertSame(requests);
        TestContext.Out.WriteLine($"{model}: {requests.Count} renderings the same, {requests.Count - rendered} of them refused by both");
        Assert.That(rendered, Is.GreaterThan(requests.Count / 10));
    }

    [Test]
    public void TheQuickCasesAreJinjas() => Assert.That(
        JinjaOracle.AssertSame([.. JinjaTemplateTests.Cases.Select(test => new JinjaRequest((string)test.Arguments[0]!, JsonNode.Parse((string)test.Arguments[1]!)!.AsObject()))]), Is.GreaterThan(0));

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void MadeUpTemplates(int seed)
    {
        var generator = new TemplateGenerator(new Random(seed));
        var requests = Enumerable.Range(0, 4000).Select(_ => new JinjaRequest(generator.Template(), TemplateGenerator.Variables())).ToList();
        var rendered = JinjaOracle.AssertSame(requests);
        TestContext.Out.WriteLine($"{requests.Count} templates the same, {requests.Count - rendered} of them refused by both");
        Assert.That(rendered, Is.GreaterThan(requests.Count / 5));
    }
}
