using System.Text.Json.Nodes;
using DftNative.ChatTemplates.Jinja;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.ChatTemplates;

/// <summary>The language, against what Jinja2 answered (Fixtures/jinja/cases.jsonl, see JinjaOracleTests), and the limits.</summary>
internal sealed class JinjaTemplateTests
{
    public static IEnumerable<TestCaseData> Cases => File.ReadLines(Path.Combine(Fixtures.Folder, "jinja", "cases.jsonl")).Select(line =>
    {
        var entry = JsonNode.Parse(line)!;
        var spans = entry["spans"]?.AsArray().Select(span => $"{span![0]}-{span[1]}");
        return new TestCaseData((string)entry["template"]!, entry["variables"]!.ToJsonString(), (string?)entry["text"], string.Join(' ', spans ?? [])).SetArgDisplayNames((string)entry["template"]!);
    });

    [TestCaseSource(nameof(Cases))]
    public void RendersAsJinja(string template, string variables, string? text, string spans)
    {
        var answer = JinjaAnswer.Render(new JinjaRequest(template, JsonNode.Parse(variables)!.AsObject()));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(answer.Text, Is.EqualTo(text), answer.Error);
            Assert.That(answer.Spans, Is.EqualTo(spans));
        }
    }

    [TestCase("a\n{{ 1 }}\n  {{ x.y }}", 3, 7, "'x' is undefined")]
    [TestCase("{% if true %}", 1, 14, "'endif'")]
    [TestCase("a {{ 'b }}", 1, 6, "no end")]
    [TestCase("{% include 'secret' %}", 1, 4, "'include'")]
    [TestCase("{{ 1|nosuch }}", 1, 6, "filter 'nosuch' is not supported")]
    [TestCase("{{ 1 is nosuch }}", 1, 9, "test 'nosuch' is not supported")]
    [TestCase("{{ lipsum() }}", 1, 10, "'lipsum' is not supported")]
    [TestCase("{% for x in [1] recursive %}{% endfor %}", 1, 4, "recursive loops are not supported")]
    [TestCase("{% break %}", 1, 4, "not inside a loop")]
    [TestCase("{{ raise_exception('too many') }}", 1, 19, "too many")]
    [TestCase("{% set x %}{% generation %}{% endgeneration %}{% endset %}", 1, 15, "generation block inside")]
    public void AnErrorHasItsPlace(string template, int line, int column, string named)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render(new Dictionary<string, object>(), () => JinjaAnswer.Now))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((error.Line, error.Column), Is.EqualTo((line, column)), error.Message);
            Assert.That(error.Message, Does.Contain(named).And.Contain($"line {line}, column {column}"));
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        }
    }

    [TestCase("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [TestCase("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deep")]
    [TestCase("{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [TestCase("{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s|replace('a', 'aaaaaaaaaaaaaaaa') %}{% endfor %}", "characters")]
    [TestCase("{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}", "items")]
    [TestCase("{% set ns = namespace(l=[]) %}{% for i in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}", "deep")]
    [TestCase("{% set ns = namespace(n=3) %}{% for i in range(99) %}{% set ns.n = ns.n * ns.n %}{% endfor %}", "bits")]
    [TestCase("{{ 9 ** (9 ** 9) }}", "bits")]
    [TestCase("{{ range(1000000) }}", "range is too big")]
    [TestCase("{{ 'a' * 1000000000 }}", "characters")]
    [TestCase("{{ '%999999999d' % 1 }}", "characters")]
    [TestCase("{{ '{:>999999999}'.format(1) }}", "characters")]
    [TestCase("{{ 'a'.center(999999999) }}", "characters")]
    [TestCase("{{ [1, 2]|tojson(indent=999999999) }}", "characters")]
    public void ATemplateIsBounded(string template, string named)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render(new Dictionary<string, object>(), () => JinjaAnswer.Now))!;
        Assert.That(error.Message, Does.Contain(named));
    }

    [TestCase("(", ")")]
    [TestCase("-", "")]
    [TestCase("not ", "")]
    [TestCase("[", "]")]
    [TestCase("1 if 0 else ", "")]
    [TestCase("", ".a")]
    [TestCase("1 + ", "")]
    public void DeepSourceIsRefused(string open, string close)
    {
        var template = "{{ " + string.Concat(Enumerable.Repeat(open, 50_000)) + "x" + string.Concat(Enumerable.Repeat(close, 50_000)) + " }}";
        Assert.That(() => JinjaTemplate.Parse(template).Render(new Dictionary<string, object>(), () => JinjaAnswer.Now), Throws.TypeOf<JinjaException>());
    }
}
