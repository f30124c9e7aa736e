using DftNative.Backends.Cpu;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>Whole runs with each loss: resumed, with a frozen model, and what is written of it.</summary>
public sealed class LossFamilyTests
{
    private static readonly string[] StateFiles =
        ["checkpoint-12/model.safetensors", "checkpoint-12/optimizer.safetensors", "checkpoint-12/trainer_state.json", "final/model.safetensors"];

    private static IEnumerable<TestCaseData> Losses =>
    [
        new(LossType.Focal, DftGranularity.Token),
        new(LossType.Eaft, DftGranularity.Token),
        new(LossType.Asft, DftGranularity.Token),
        new(LossType.Dft, DftGranularity.Geometric),
        new(LossType.Dft, DftGranularity.Sentence),
    ];

    [TestCaseSource(nameof(Losses))]
    public void AResumedRunIsBitwiseTheUnbrokenOne(LossType lossType, DftGranularity granularity)
    {
        using var run = new TinyRun();
        TrainingOptions Options(string output) => run.Options(output) with { LossType = lossType, DftGranularity = granularity, EvalData = ["held-out"], EvalSteps = 3 };
        var evaluationRows = TinyRun.Rows(4, seed: 9);
        run.Train(Options("unbroken"), evaluationRows: evaluationRows);
        run.Train(Options("broken"), evaluationRows: evaluationRows, stopAfterStep: 5);
        run.Train(Options("broken") with { ResumeFromCheckpoint = "latest" }, evaluationRows: evaluationRows);
        foreach (var file in StateFiles)
            Assert.That(File.ReadAllBytes(run.PathOf("broken/" + file)), Is.EqualTo(File.ReadAllBytes(run.PathOf("unbroken/" + file))), file);
    }

    [TestCaseSource(nameof(Losses))]
    public void ALossIsNotAnotherOne(LossType lossType, DftGranularity granularity)
    {
        using var run = new TinyRun();
        run.Train(run.Options("one") with { LossType = lossType, DftGranularity = granularity, MaxSteps = 3 });
        run.Train(run.Options("dft") with { MaxSteps = 3 });
        Assert.That(TinyRun.Weights(run.PathOf("one/final")), Is.Not.EqualTo(TinyRun.Weights(run.PathOf("dft/final"))));
    }

    /// <summary>The divergence holds a model back: with a large factor it stays nearer to where it began.</summary>
    [Test]
    public void AsftStaysNearItsStart()
    {
        using var run = new TinyRun();
        var start = Nll(run, 0, null);
        var free = Nll(run, 12, 0.0001);
        var held = Nll(run, 12, 100);
        Assert.That(free, Is.LessThan(start));
        Assert.That(Math.Abs(held - start), Is.LessThan(0.5 * Math.Abs(free - start)));

        static double Nll(TinyRun run, int steps, double? alpha)
        {
            var output = $"near-{alpha}";
            var options = run.Options(output) with
            {
                LossType = alpha is null ? LossType.Sft : LossType.Asft,
                AsftAlpha = alpha ?? 0.1,
                DftExponent = alpha is null ? 1 : 0,
                LearningRate = alpha is null ? 0 : 3e-3,
                MaxSteps = Math.Max(1, steps),
                EvalData = ["held-out"],
            };
            run.Train(options, evaluationRows: TinyRun.Rows(20));
            return TrainerTests.Metrics(run.PathOf(output))[^1].GetProperty("eval_nll").GetDouble();
        }
    }

    [Test]
    public void WithoutAFactorAsftIsDftToTheBit()
    {
        using var run = new TinyRun();
        run.Train(run.Options("asft") with { LossType = LossType.Asft, AsftAlpha = 0 });
        run.Train(run.Options("dft"));
        Assert.That(TinyRun.Weights(run.PathOf("asft/final")), Is.EqualTo(TinyRun.Weights(run.PathOf("dft/final"))));
    }

    [Test]
    public void TheFrozenModelIsNeitherTrainedNorSaved()
    {
        using var run = new TinyRun();
        using var other = run.OtherModel();
        var before = TinyRun.Weights(other.Path);
        run.Train(run.Options("dft"));
        run.Train(run.Options("asft") with { LossType = LossType.Asft }, referenceModel: other);
        Assert.Multiple(() =>
        {
            Assert.That(TinyRun.Weights(other.Path), Is.EqualTo(before));
            foreach (var directory in new[] { "checkpoint-12", "final" })
                Assert.That(Sizes(run.PathOf("asft/" + directory)), Is.EqualTo(Sizes(run.PathOf("dft/" + directory))), directory);
        });

        static Dictionary<string, long> Sizes(string directory) => new DirectoryInfo(directory).GetFiles()
            .Where(file => file.Extension == ".safetensors").ToDictionary(file => file.Name, file => file.Length);
    }

    /// <summary>Beside what dft takes: a model made for forward alone, whose weights are there once.</summary>
    [Test]
    public void TheFrozenModelCostsItsWeightsAndAPassOfOneLayer()
    {
        using var run = new TinyRun();
        using var backend = new CpuBackend(1);
        long forward;
        using (new Transformer(backend, run.Model.Configuration, new TransformerOptions(48))) forward = backend.AllocatedBytes;
        Assert.That(Allocated(LossType.Asft) - Allocated(LossType.Dft), Is.EqualTo(forward));

        long Allocated(LossType lossType)
        {
            using var trainer = new Trainer(backend, run.Model, TinyRun.Rows(), [], run.Options($"memory-{lossType}") with { LossType = lossType });
            return backend.AllocatedBytes;
        }
    }

    [Test]
    public void NothingIsLeftOfARunThatCannotBegin()
    {
        using var run = new TinyRun();
        using var other = run.OtherModel(vocabularySize: 72);
        var allocated = run.Backend.AllocatedBytes;
        var exception = Assert.Throws<DftNativeException>(() => run.Train(run.Options("out") with { LossType = LossType.Asft }, referenceModel: other));
        Assert.That(exception!.Message, Does.Contain("vocabulary of 72"));
        Assert.That(run.Backend.AllocatedBytes, Is.EqualTo(allocated));
        Assert.That(Directory.Exists(run.PathOf("out")), Is.False);
    }

    [Test]
    public void AResumeWithAnotherFrozenModelIsRefused()
    {
        using var run = new TinyRun();
        using var first = run.OtherModel();
        using var second = run.OtherModel(seed: 8);
        var options = run.Options("out") with { LossType = LossType.Asft };
        run.Train(options, stopAfterStep: 2, referenceModel: first);
        var exception = Assert.Throws<DftNativeException>(() => run.Train(options with { ResumeFromCheckpoint = "latest" }, referenceModel: second));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.Contain("reference model's weights"));
        Assert.DoesNotThrow(() => run.Train(options with { ResumeFromCheckpoint = "latest" }, referenceModel: first));
    }
}
