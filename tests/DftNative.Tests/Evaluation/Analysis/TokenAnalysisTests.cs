using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using DftNative.Data;
using DftNative.Demo;
using DftNative.Evaluation.Analysis;
using DftNative.Losses;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.Evaluation.Analysis;

/// <summary>What moved, and the page and the file that tell it, from scores made by hand.</summary>
public sealed class TokenAnalysisTests
{
    private static readonly TrainingRow[] Rows =
    [
        new([10, 11, 12, 13], [-100, 11, -100, 13]),
        new([10, 12], [-100, -100]),
        new([10, 11, 11, 12], [10, 11, 11, 12]),
    ];

    /// <summary>Of targets 11, 13 | | 11, 11, 12.</summary>
    private static readonly double[] Before = [0.5, 0.1, 0.2, 0.9, 0.4], After = [0.9, 0.05, 0.3, 0.2, 0.4];

    [Test]
    public void TheTargetsThatMovedMostAreFoundWithTheirPlaces()
    {
        var analysis = Analyze(Before, After);
        var moves = analysis.FindMoves(analysis.Models[1], count: 2);
        Assert.Multiple(() =>
        {
            Assert.That(moves.Up.Select(move => (move.Row, move.Position, move.TokenId, Math.Round(move.Change, 5))), Is.EqualTo(new[] { (0, 1, 11, 0.4), (2, 1, 11, 0.1) }));
            Assert.That(moves.Down.Select(move => (move.Row, move.Position, move.TokenId, Math.Round(move.Change, 5))), Is.EqualTo(new[] { (2, 2, 11, -0.7), (0, 3, 13, -0.05) }));
            Assert.That(moves.TypesUp, Is.Empty, "11 rose twice and fell more.");
            Assert.That(moves.TypesDown.Select(type => (type.TokenId, type.Count, Math.Round(type.TotalChange, 5))), Is.EqualTo(new[] { (11, 3, -0.2), (13, 1, -0.05) }));
            Assert.That(moves.TypesDown[0].BaseProbability, Is.EqualTo(1.6 / 3).Within(1e-6));
            Assert.That((moves.ShareUp, moves.ShareDown), Is.EqualTo((0.2, 0.2)).Or.EqualTo((0.4, 0.2)), "0.1 itself is on the edge.");
            Assert.That(analysis.FindMostMovedRow(), Is.EqualTo(2));
        });
    }

    [Test]
    public void ListsKeepTheFirstOfEqualMovesAndNoMoreThanWasAsked()
    {
        var analysis = Analyze([0.1, 0.1, 0.1, 0.1, 0.1], [0.6, 0.6, 0.6, 0.6, 0.1]);
        var moves = analysis.FindMoves(analysis.Models[1], count: 3);
        Assert.That(moves.Up.Select(move => (move.Row, move.Position)), Is.EqualTo(new[] { (0, 1), (0, 3), (2, 1) }));
        Assert.That(moves.Down, Is.Empty);
    }

    [Test]
    public void ModelsMustHaveScoredEveryTarget() =>
        Assert.That(() => new TokenAnalysis(Rows, null, [Model("base", [0.5])]), Throws.ArgumentException.With.Message.Contains("5 targets"));

    [Test]
    public void TheFileHasTheNumbers()
    {
        using var stream = new MemoryStream();
        AnalysisJson.Write(stream, Analyze(Before, After), moveCount: 1);
        var json = JsonDocument.Parse(stream.ToArray()).RootElement;
        var (first, second) = (json.GetProperty("models")[0], json.GetProperty("models")[1]);
        Assert.Multiple(() =>
        {
            Assert.That((json.GetProperty("rows").GetInt32(), json.GetProperty("targets").GetInt32()), Is.EqualTo((3, 5)));
            Assert.That(first.TryGetProperty("moved_up", out _), Is.False);
            Assert.That(second.GetProperty("mean_token_probability").GetDouble(), Is.EqualTo(After.Average()).Within(1e-6));
            Assert.That(second.GetProperty("probability_histogram").GetArrayLength(), Is.EqualTo(TokenLossStatistics.HistogramBins));
            Assert.That(second.GetProperty("mean_entropy").GetDouble(), Is.EqualTo(0.25).Within(1e-6));
            var move = second.GetProperty("moved_down").EnumerateArray().Single();
            Assert.That((move.GetProperty("row").GetInt32(), move.GetProperty("position").GetInt32(), move.GetProperty("token").GetString()), Is.EqualTo((3, 2, "11")));
            Assert.That(move.GetProperty("base_probability").GetDouble(), Is.EqualTo(0.9).Within(1e-6));
        });
    }

    [Test]
    public void ThePageShadesEveryTargetByItsProbability()
    {
        var page = Parse(AnalysisReport.ToHtml(Analyze(Before, After), "rows.jsonl", sample: 2, moveCount: 5));
        var texts = page.Descendants("div").Where(element => (string?)element.Attribute("class") == "tokens").ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(texts, Has.Length.EqualTo(2), "One a model.");
            Assert.That(texts[0].Elements().Select(span => ((string?)span.Attribute("class"), span.Value)), Is.EqualTo(new[] { ("context", "10 "), ("p2", "11 "), ("p4", "11 "), ("p2", "12 ") }));
            Assert.That(texts[1].Elements().ElementAt(2).Attribute("title")!.Value, Is.EqualTo("p 0.2000, −log p 1.609, entropy 0.250; base: p 0.9000"));
            foreach (var chart in page.Descendants("figure"))
                Assert.That(chart.Descendants().Count(element => element.Name.LocalName == "rect" && element.Elements().Any()), Is.Positive, chart.Element("figcaption")!.Value);
            Assert.That(page.Descendants("figcaption").Select(caption => caption.Value), Is.EqualTo(new[] { "Side by side", "base", "tuned", "Mean entropy", "Its distribution" }));
        });
    }

    [Test]
    public void AModelAloneHasItsPageWithoutMoves()
    {
        var html = AnalysisReport.ToHtml(new TokenAnalysis(Rows, null, [Model("base", Before)]), "rows.jsonl", sample: 0, moveCount: 5);
        Assert.That(html, Does.Not.Contain("What moved").And.Contain("token by token"));
    }

    /// <summary>Text of tokens is text, whatever is in it; a line break stays one.</summary>
    [Test]
    public void TokensHaveTheirText()
    {
        using var scratch = new ScratchDirectory();
        DemoAssets.Extract(scratch.PathOf("model"));
        var tokenizer = Tokenizer.Load(scratch.PathOf("model"));
        int[] ids = tokenizer.Encode("1<\n&2");
        var analysis = new TokenAnalysis([new TrainingRow(ids, ids)], tokenizer, [Model("base", [.. Enumerable.Repeat(0.5, ids.Length - 1)])]);
        var html = AnalysisReport.ToHtml(analysis, "<data>", sample: 0, moveCount: 1);
        var tokens = Parse(html).Descendants("div").Single(element => (string?)element.Attribute("class") == "tokens");
        Assert.Multiple(() =>
        {
            Assert.That(tokens.Value, Is.EqualTo("1<\n&2"));
            Assert.That(analysis.ShowContext(0, 4, 3), Is.EqualTo("<\\n&"));
        });
    }

    [Test]
    public void ABackslashBeforeAnNIsNoLineBreak()
    {
        using var scratch = new ScratchDirectory();
        var tokenizer = TokenTextTests.WithToken(scratch, TokenTextTests.Nabla);
        int[] ids = tokenizer.Encode($"x\n{TokenTextTests.Nabla}", addSpecialTokens: false);
        var analysis = new TokenAnalysis([new TrainingRow(ids, ids)], tokenizer, [Model("base", [.. Enumerable.Repeat(0.5, ids.Length - 1)])]);
        var page = Parse(AnalysisReport.ToHtml(analysis, "rows.jsonl", sample: 0, moveCount: 1));
        var tokens = page.Descendants("div").Single(element => (string?)element.Attribute("class") == "tokens");
        Assert.That(tokens.Value, Is.EqualTo($"x\n{TokenTextTests.Nabla}"));
    }

    [TestCase("a/base|a/sft/final|b/dft/final", "base|sft/final|dft/final")]
    [TestCase("models/base/", "base")]
    [TestCase("m|m", "m (1)|m (2)")]
    [TestCase("Qwen/Qwen2.5-1.5B|out/final", "Qwen2.5-1.5B|final")]
    public void ModelsHaveShortNamesThatDiffer(string paths, string names) => Assert.That(ModelNames.Shorten(paths.Split('|')), Is.EqualTo(names.Split('|')));

    private static TokenAnalysis Analyze(double[] before, double[] after) => new(Rows, null, [Model("base", before), Model("tuned", after)]);

    private static AnalyzedModel Model(string name, double[] probabilities)
    {
        var histogram = new double[TokenLossStatistics.HistogramBins];
        foreach (var p in probabilities) histogram[(int)(p * histogram.Length)]++;
        var statistics = new TokenLossStatistics(probabilities.Length, 0, -probabilities.Sum(Math.Log), probabilities.Sum(), 1, histogram);
        return new AnalyzedModel(name, name, new ScoredTargets([.. probabilities.Select(p => (float)Math.Log(p))], [.. probabilities.Select(_ => 0.25f)], statistics));
    }

    private static XElement Parse(string html) => XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..], LoadOptions.PreserveWhitespace);
}
