using DftNative.Losses;
using DftNative.Training;
using FsCheck;
using FsCheck.Fluent;

namespace DftNative.Tests.Training;

/// <summary>The YAML file: read back as written, and errors with their line.</summary>
public sealed class TrainingOptionsFileTests
{
    [Test]
    public void ReadsScalarsListsAndComments()
    {
        var options = Read(
            """
            # the recipe, but SFT
            loss_type: sft
            learning_rate: 2e-5      # LLaMA
            data: [a.jsonl, "b c.jsonl"]
            eval_data: held-out.jsonl
            output: 'out # put'
            """);
        Assert.Multiple(() =>
        {
            Assert.That(options.LossType, Is.EqualTo(LossType.Sft));
            Assert.That(options.LearningRate, Is.EqualTo(2e-5));
            Assert.That(options.Data, Is.EqualTo(new[] { "a.jsonl", "b c.jsonl" }));
            Assert.That(options.EvalData, Is.EqualTo(new[] { "held-out.jsonl" }));
            Assert.That(options.OutputDirectory, Is.EqualTo("out # put"));
            Assert.That(options.GlobalBatchSize, Is.EqualTo(256));
        });
    }

    [TestCase("learning_rate: 1e-4\nlerning_rate: 2e-4\n", "line 2", "did you mean 'learning_rate'")]
    [TestCase("seed: 1\nseed: 2\n", "line 2", "given twice")]
    [TestCase("\nseed: x\n", "line 2", "not an integer")]
    [TestCase("seed:\n", "line 1", "no value")]
    [TestCase("seed: ~\n", "line 1", "no value")]
    [TestCase("seed: [1, 2]\n", "line 1", "one value")]
    [TestCase("seed: {a: 1}\n", "line 1", "takes a value")]
    [TestCase("data: [[a]]\n", "line 1", "plain values")]
    [TestCase("- seed\n", "line 1", "key: value")]
    [TestCase("seed: 1\n---\nseed: 2\n", "line 2", "one document")]
    [TestCase("seed: [1\n", "run.yaml", "not YAML")]
    [TestCase("seed: *a\n", "run.yaml", "takes a value")]
    [TestCase("gradient_accumulation_steps: 8\n", "line 1", "global_batch_size")]
    public void AnErrorNamesItsLine(string yaml, string where, string what)
    {
        var exception = Assert.Throws<DftNativeException>(() => Read(yaml));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain(where).And.Contain(what));
            Assert.That(exception.Message, Does.Not.Contain('\n'));
        });
    }

    [TestCase("")]
    [TestCase("# nothing\n")]
    public void AnEmptyFileChangesNothing(string yaml) => Assert.That(Read(yaml).LearningRate, Is.EqualTo(5e-5));

    [Test]
    public void AMissingFileIsAUsageError()
    {
        var exception = Assert.Throws<DftNativeException>(() => TrainingOptionsFile.Read("no-such.yaml", new TrainingOptions()));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
    }

    [Test]
    public void WhatIsWrittenIsReadBack() => Prop.ForAll(
        (from paths in ArbMap.Default.GeneratorFor<NonEmptyString>().ArrayOf()
         from output in ArbMap.Default.GeneratorFor<NonEmptyString>()
         from rate in Gen.Choose(0, 1_000_000)
         from tokens in Gen.Choose(0, 10)
         select (paths, output, rate, tokens)).ToArbitrary(),
        value =>
        {
            var (paths, output, rate, tokens) = value;
            var options = new TrainingOptions
            {
                Data = [.. paths.Select(path => path.Get)],
                OutputDirectory = output.Get == "none" ? null : output.Get,
                LearningRate = rate / 7e6,
                MicroBatchTokens = tokens == 0 ? null : tokens,
                EosWeight = tokens % 2 == 0 ? null : tokens / 3.0,
                DropLast = tokens > 5,
            };
            var read = Read(TrainingOptionsFile.Format(options));
            var isSame = read.Data.SequenceEqual(options.Data) || options.Data is ["none"];
            return isSame && (read with { Data = [], EvalData = [], EvalGenerateData = [], Columns = [] }) == (options with { Data = [], EvalData = [], EvalGenerateData = [], Columns = [] });
        }).QuickCheckThrowOnFailure();

    private static TrainingOptions Read(string yaml)
    {
        var options = new TrainingOptions();
        TrainingOptionsFile.Read(new StringReader(yaml), "run.yaml", options);
        return options;
    }
}
