using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Cuda;
using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Cuda;
using DftNative.Tests.Cuda.EndToEnd;
using DftNative.Tests.Tokenizers;
using DftNative.Training;
using DftNative.Training.Planning;

namespace DftNative.Tests.Training.Planning;

/// <summary>Plans against the driver's own count of a run's memory: the emulator's, which hands out exactly what is asked for.</summary>
internal sealed class MemoryPlanCudaTests : CudaBackendFixture
{
    /// <summary>Every architecture, precision, level, and passes that one or all of a step's rows fill.</summary>
    private static IEnumerable<TestCaseData> Runs()
    {
        var levels = Enum.GetValues<RecomputeLevel>();
        var precisions = Enum.GetValues<Precision>();
        int?[] tokens = [null, 24, 130, 333];
        int?[] chunks = [null, 8, 64];
        for (var i = 0; i < 12; i++)
            yield return new TestCaseData(CudaRun.Architectures[i % 6], precisions[(i + (i / 6)) % 3], levels[i % 4], tokens[(i + (i / 4)) % 4], chunks[i % 3], i % 2 == 0);
    }

    /// <summary>To the byte, with the device's own number of SMs, on which some scratch memory depends. On a backend of its own: scratch memory stays for the next model.</summary>
    [Test]
    public void TheConstructorsAllocateWhatTheDryRunCounts([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture, [Values] RecomputeLevel recompute)
    {
        using var run = new CudaRun(architecture);
        using var backend = new CudaBackend();
        var request = new PlanRequest(run.Model.Configuration, Workload.OfFullRows(64, 4, packing: true));
        var plan = MemoryPlan.Count(request, new PassChoice(96, recompute, 64), backend.GetMemory());
        var options = new TransformerOptions(96) { Training = true, Recompute = recompute, LossChunkRows = 64 };
        CudaEmulator.ResetDeviceMemory();
        var before = CudaEmulator.DeviceMemory().PeakBytes;
        using var transformer = new Transformer(backend, run.Model.Configuration, options);
        using var optimizer = new AdamWOptimizer(backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 0);
        var counted = plan.TotalBytes - plan.BytesOf(MemoryCategory.Driver);
        Assert.That((backend.AllocatedBytes, CudaEmulator.DeviceMemory().PeakBytes - before), Is.EqualTo((counted, counted)), "the backend's count, and the driver's");
    }

    [TestCaseSource(nameof(Runs))]
    public void ARunTakesWhatItsPlanSaysByTheDriversCount(
        string architecture, Precision precision, RecomputeLevel recompute, int? microBatchTokens, int? lossChunkRows, bool evaluation)
    {
        using var run = new CudaRun(architecture);
        using var backend = new CudaBackend();
        CudaEmulator.ResetDeviceMemory();
        var before = CudaEmulator.DeviceMemory().PeakBytes;
        var options = run.Options("out") with
        {
            MaxSteps = 2,
            Precision = precision,
            Recompute = recompute,
            MicroBatchTokens = microBatchTokens,
            LossChunkRows = lossChunkRows,
        };
        using var trainer = new Trainer(backend, run.Model, CudaRun.Rows(16), evaluation ? CudaRun.Rows(5, seed: 2, longest: 24) : [], options);
        trainer.Run();
        var plan = trainer.Memory!;
        var taken = CudaEmulator.DeviceMemory().PeakBytes - before;
        Assert.Multiple(() =>
        {
            Assert.That(before, Is.EqualTo(plan.Allocations[0].SizeInBytes), "what is in use before the run");
            Assert.That((double)(plan.TotalBytes - before), Is.EqualTo(taken).Within(2).Percent);
            Assert.That(plan.Choice, Is.EqualTo(new PassChoice(trainer.Options.MicroBatchTokens!.Value, recompute, trainer.Options.LossChunkRows!.Value)));
        });
    }

    /// <summary>Where attention's weights are the largest, too.</summary>
    [TestCase("mistral")]
    [TestCase("llama")]
    [TestCase("qwen2")]
    public void ATunedRunTakesWhatItsPlanSays(string architecture)
    {
        using var run = new CudaRun(architecture);
        using var backend = new CudaBackend(0, new CublasLtOptions(new CublasLtPlanStore(), TunesNewProblems: true));
        CudaEmulator.ResetDeviceMemory();
        var before = CudaEmulator.DeviceMemory().PeakBytes;
        using var trainer = new Trainer(backend, run.Model, CudaRun.Rows(4, longest: 6), [], run.Options("out") with { MaxSteps = 1, Tune = true, MicroBatchTokens = 16 });
        trainer.Run();
        Assert.That(trainer.Memory!.TotalBytes, Is.EqualTo(CudaEmulator.DeviceMemory().PeakBytes), $"with {before} before");
    }

    /// <summary>The cache and the logits of sampled answers are planned, and the run with them is to the bit the one without.</summary>
    [Test]
    public void SampledAnswersAreInThePlanAndChangeNothing()
    {
        using var run = new CudaRun();
        using var backend = new CudaBackend();
        var prompts = Enumerable.Range(0, 3).Select(i => new BenchmarkRequest("set", i, new BenchmarkProblem("?", "1"), [2, 3 + i, 4]));
        var problems = new AnswerProblems(Fixtures.Tokenizer, [.. prompts], [1], []);
        var options = run.Options("with") with { MaxSteps = 2, EvalGenerateSteps = 1, EvalGenerateData = ["set"], EvalGenerateSamples = 2, EvalGenerateMaxNewTokens = 60 };
        CudaEmulator.ResetDeviceMemory();
        var before = CudaEmulator.DeviceMemory().PeakBytes;
        using (var trainer = new Trainer(backend, run.Model, CudaRun.Rows(16), [], options, answerProblems: problems))
        {
            trainer.Run();
            var plan = trainer.Memory!;
            Assert.That((double)(plan.TotalBytes - before), Is.EqualTo(CudaEmulator.DeviceMemory().PeakBytes - before).Within(2).Percent);
            // Six sequences of 63, and the dead tokens that a pass is filled up with.
            var rows = (6 * 63) + Math.Min(SequenceGenerator.DecodingRows, plan.Choice.MicroBatchTokens) - 1;
            Assert.That(plan.BytesOf(MemoryCategory.KeyValueCache), Is.EqualTo(2L * run.Model.Configuration.LayerCount * rows * run.Model.Configuration.KeyValueSize * sizeof(ushort)));
        }

        using (var trainer = new Trainer(backend, run.Model, CudaRun.Rows(16), [], run.Options("without") with { MaxSteps = 2 })) trainer.Run();
        Assert.That(File.ReadAllBytes(run.PathOf("with/checkpoint-2/optimizer.safetensors")), Is.EqualTo(File.ReadAllBytes(run.PathOf("without/checkpoint-2/optimizer.safetensors"))));
    }
}
