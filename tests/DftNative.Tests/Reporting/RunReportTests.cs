using System.Globalization;
using System.Text;
using System.Xml.Linq;
using DftNative.Reporting;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;
using DftNative.Training;

namespace DftNative.Tests.Reporting;

/// <summary>The page of a training run: complete, interrupted, ended by numbers that are not finite, killed, very long.</summary>
public sealed class RunReportTests
{
    [Test]
    public void ACompleteRunHasItsCurvesHistogramsProfileAndOptions()
    {
        using var run = new TinyRun();
        var options = run.Options("out");
        (options.EvalSteps, options.Profile) = (3, true);
        run.Train(options, evaluationRows: TinyRun.Rows(5, seed: 2));
        var page = Parse(File.ReadAllText(run.PathOf("out/report.html")));
        var charts = Charts(page);
        Assert.Multiple(() =>
        {
            Assert.That(Paragraphs(page)[0], Is.EqualTo("The run is complete: 12 of 12 steps."));
            Assert.That(charts.Keys, Is.EquivalentTo(new[]
            {
                "Weighted loss (dft)", "Negative log-likelihood", "Mean token probability", "Token accuracy", "Shares", "The same, rare bins enlarged",
                "Gradient norm", "Learning rate", "Throughput", "Memory", "A step's parts", "Over the run",
            }));
            foreach (var (title, chart) in charts) Assert.That(Marks(chart), Is.Positive, title);
            Assert.That(WithClass(charts["Negative log-likelihood"], "mark cool").Count(), Is.EqualTo(12));
            Assert.That(WithClass(charts["Negative log-likelihood"], "mark warm").Count(), Is.EqualTo(4), "Evaluations after steps 3, 6, 9 and 12.");
            Assert.That(charts["Shares"].Value, Does.Contain("first 6 steps").And.Contain("last 6 steps"));
            Assert.That(Row(page, "learning_rate"), Is.EqualTo(new[] { "0.003", "5e-05" }));
            Assert.That(Row(page, "adam_beta2"), Is.EqualTo(new[] { "0.95", "0.95" }), "Among all options, but not among those that differ.");
        });
    }

    [Test]
    public void TheCurvesAreTheMetrics()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"));
        var metrics = TrainerTests.Metrics(run.PathOf("out"));
        var read = RunMetrics.Read(run.PathOf("out/metrics.jsonl"));
        Assert.Multiple(() =>
        {
            foreach (var column in new[] { "loss", "nll", "mean_token_probability", "token_accuracy", "grad_norm", "learning_rate", "tokens_per_second", "memory_bytes" })
                Assert.That(read[column], Is.EqualTo(metrics.Select(step => new ChartPoint(step.GetProperty("step").GetInt32(), step.GetProperty(column).GetDouble()))), column);
            Assert.That(metrics.Select(step => step.GetProperty("probability_histogram").EnumerateArray().Sum(count => count.GetInt64())),
                Is.EqualTo(metrics.Select(step => (long)step.GetProperty("targets").GetDouble())));
            Assert.That(read["no such column"], Is.Empty);
        });
    }

    [Test]
    public void AnInterruptedRunSaysHowFarItCameAndHowItGoesOn()
    {
        using var run = new TinyRun();
        run.Train(run.Options("out"), stopAfterStep: 5);
        var page = Parse(File.ReadAllText(run.PathOf("out/report.html")));
        Assert.That(Paragraphs(page)[0], Is.EqualTo("The run is unfinished: 5 of 12 steps. It goes on from checkpoint-5 with --resume_from_checkpoint latest."));

        var options = run.Options("out");
        options.ResumeFromCheckpoint = "latest";
        run.Train(options);
        Assert.That(Paragraphs(Parse(File.ReadAllText(run.PathOf("out/report.html"))))[0], Is.EqualTo("The run is complete: 12 of 12 steps."));
    }

    [Test]
    public void ARunThatEndsWithNumbersThatAreNotFiniteHasItsReport()
    {
        using var run = new TinyRun();
        run.Poison("model.norm.weight", float.NaN);
        Assert.That(() => run.Train(run.Options("out")), Throws.InstanceOf<DftNativeException>());
        var page = Parse(File.ReadAllText(run.PathOf("out/report.html")));
        Assert.Multiple(() =>
        {
            Assert.That(Paragraphs(page)[0], Is.EqualTo("The run ended at step 3: the loss or the gradient was not finite, 3 in a row. No checkpoint was saved."));
            Assert.That(Paragraphs(page), Does.Contain("3 steps were skipped, whose loss or gradient was not finite: 1, 2, 3."));
            Assert.That(page.ToString(), Does.Not.Contain("NaN"));
        });
    }

    [Test]
    public void ARunThatWasKilledIsReportedAsFarAsItsLinesAreWhole()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("metrics.jsonl", Line(1, 0.5) + Line(2, 0.25) + """{"step":3,"epoch":0.3,"lo""");
        var run = RunReport.Write(scratch.FullName, scratch.PathOf("page.html"));
        Assert.Multiple(() =>
        {
            Assert.That((run.State, run.Metrics.LastStep, run.Metrics.IsCutOff), Is.EqualTo((RunState.Unfinished, 2, true)));
            Assert.That(run.Describe(), Is.EqualTo("The run is unfinished: 2 steps. There is no checkpoint to go on from."));
            Assert.That(File.ReadAllText(scratch.PathOf("page.html")), Does.Contain("was cut off as it was written").And.Contain("resolved_config.yaml is missing"));
        });
    }

    [Test]
    public void ALongRunsPageIsSmallAndLosesNoSpike()
    {
        using var scratch = new ScratchDirectory();
        WriteLongRun(scratch);
        RunReport.Write(scratch.FullName, scratch.PathOf("report.html"));
        var chart = Charts(Parse(File.ReadAllText(scratch.PathOf("report.html"))))["Weighted loss (the loss)"];
        Assert.Multiple(() =>
        {
            Assert.That(new FileInfo(scratch.PathOf("report.html")).Length, Is.LessThan(1_000_000));
            Assert.That(WithClass(chart, "hover cool").Count(), Is.EqualTo(200));
            Assert.That(WithClass(chart, "hover cool").Count(mark => mark.Value.Contains("77.5", StringComparison.Ordinal)), Is.EqualTo(1), "The spike is the high end of one bucket.");
            Assert.That(chart.Value, Does.Not.Contain("NaN"));
        });
    }

    [TestCase("{\"step\":1}\n[1]\n", "line 2: not an object with a \"step\"")]
    [TestCase("{\"step\":1}\n{\"step\"\n{\"step\":2}\n", "line 2: not JSON")]
    [TestCase("{\"step\":2}\n{\"step\":2}\n", "line 2: step 2 comes after step 2")]
    [TestCase("{\"st", "no whole step yet")]
    [TestCase("", "no whole step yet")]
    public void DamagedMetricsAreNamed(string contents, string message)
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("metrics.jsonl", contents);
        var exception = Assert.Throws<DftNativeException>(() => RunReport.Write(scratch.FullName, scratch.PathOf("report.html")));
        Assert.That((exception!.ExitCode, exception.Message.Contains(message, StringComparison.Ordinal), File.Exists(scratch.PathOf("report.html"))),
            Is.EqualTo((ExitCode.InvalidInput, true, false)), exception.Message);
    }

    /// <summary>What the evaluation of generated answers writes, and anything else that a later version adds, is kept by column.</summary>
    [Test]
    public void TheAccuracyOfGeneratedAnswersIsACurve()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("metrics.jsonl", """
            {"step":1,"epoch":0.5,"loss":1}
            {"step":2,"epoch":1,"loss":1,"eval_generate_average@4":0.25}
            {"step":3,"epoch":1.5,"loss":1,"eval_generate_average@4":0.75,"eval_generate_cut_off":0.5,"eval_generate_tokens":123}

            """);
        RunReport.Write(scratch.FullName, scratch.PathOf("report.html"));
        var charts = Charts(Parse(File.ReadAllText(scratch.PathOf("report.html"))));
        Assert.Multiple(() =>
        {
            Assert.That(Marks("Accuracy of sampled answers"), Is.EqualTo(new[] { "average@4, step 2: 25.0 %", "average@4, step 3: 75.0 %" }));
            Assert.That(Marks("Answers that were cut off"), Is.EqualTo(new[] { "share of answers, step 3: 50.0 %" }));
            Assert.That(Marks("Length of the answers"), Is.EqualTo(new[] { "tokens, step 3: 123.0" }));
        });

        IEnumerable<string> Marks(string chart) => WithClass(charts[chart], "mark cool").Select(mark => mark.Value);
    }

    /// <summary>What is no report is not replaced by one, whatever it is called.</summary>
    [Test]
    public void OnlyAReportIsReplaced()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("metrics.jsonl", """{"step":1,"epoch":0.5,"loss":1}""" + "\n");
        var report = scratch.PathOf("report.html");
        RunReport.Write(scratch.FullName, report);
        var page = scratch.Write("page.html", "<!DOCTYPE html><html><head><title>mine</title></head></html>");
        Assert.Multiple(() =>
        {
            Assert.That(() => ReportFile.RequireReplaceable(report), Throws.Nothing);
            Assert.That(() => ReportFile.RequireReplaceable(scratch.PathOf("new.HTML")), Throws.Nothing);
            Refuses(page, "is there and is no report of this program");
            Refuses(scratch.PathOf("metrics.jsonl"), "is no name for a report; let it end in .html");
            Refuses(scratch.PathOf("new"), "is no name for a report; let it end in .html");
            Refuses(scratch.FullName, "is a directory");
        });

        static void Refuses(string path, string fault) =>
            Assert.That(() => ReportFile.RequireReplaceable(path), Throws.TypeOf<DftNativeException>().With.Message.Contains($"output: {path} {fault}").And.Property("ExitCode").EqualTo(ExitCode.Usage));
    }

    /// <summary>100,000 steps, one of them a spike and one skipped.</summary>
    internal static void WriteLongRun(ScratchDirectory directory)
    {
        const int steps = 100_000, spikeAt = 54_321, skippedAt = 70_000;
        var text = new StringBuilder();
        for (var step = 1; step <= steps; step++) text.Append(step == skippedAt ? Line(step, null) : Line(step, step == spikeAt ? 77.5 : 1 + 1.0 / step));
        directory.Write("metrics.jsonl", text.ToString());
    }

    private static string Line(int step, double? loss)
    {
        var value = loss?.ToString("R", CultureInfo.InvariantCulture) ?? "null";
        return string.Create(CultureInfo.InvariantCulture, $$"""{"step":{{step}},"epoch":{{step / 10.0}},"tokens":10,"loss":{{value}},"nll":{{value}},"mean_token_probability":0.5,"token_accuracy":0.5,"grad_norm":{{value}},"learning_rate":1e-5,"step_seconds":0.5,"tokens_per_second":20,"memory_bytes":1000}""") + "\n";
    }

    private static XElement Parse(string html) => XElement.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]);

    private static Dictionary<string, XElement> Charts(XElement page) => page.Descendants("figure").ToDictionary(figure => figure.Element("figcaption")!.Value);

    private static string[] Paragraphs(XElement page) => [.. page.Descendants("p").Select(paragraph => paragraph.Value)];

    private static string[] Row(XElement page, string name) =>
        [.. page.Descendants("tr").First(row => row.Elements("th").First().Value == name).Elements("td").Select(cell => cell.Value)];

    private static int Marks(XElement chart) =>
        chart.Descendants().Count(element => element.Name.LocalName is "polyline" or "circle" || (element.Name.LocalName == "rect" && element.Elements().Any()));

    private static IEnumerable<XElement> WithClass(XElement chart, string style) => chart.Descendants().Where(element => (string?)element.Attribute("class") == style && element.Name.LocalName == "circle");
}
