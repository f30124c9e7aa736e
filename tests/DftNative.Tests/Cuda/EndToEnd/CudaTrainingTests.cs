using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Checkpoints;
using DftNative.Cuda;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>Training on the emulator: repeatable to the bit, resumed to the bit, and close to the CPU's fp32.</summary>
internal sealed class CudaTrainingTests : CudaBackendFixture
{
    [Test]
    public void TwentyStepsAreTheSameInEveryOrderAndCloseToTheCpus()
    {
        using var run = new CudaRun();
        var expected = run.Train(Backend, run.Options("natural"));
        foreach (var seed in (ulong[])[1, 2])
        {
            CudaEmulator.SetOrder(seed);
            Assert.That(run.Train(Backend, run.Options($"order-{seed}")), Is.EqualTo(expected));
            Assert.That(Bytes(run, $"order-{seed}/final"), Is.EqualTo(Bytes(run, "natural/final")));
            Assert.That(Bytes(run, $"order-{seed}/checkpoint-20", "optimizer.safetensors"), Is.EqualTo(Bytes(run, "natural/checkpoint-20", "optimizer.safetensors")));
        }

        using var cpu = new CpuBackend(2);
        var losses = run.Train(cpu, run.Options("cpu"));
        Assert.Multiple(() =>
        {
            Assert.That(expected, Has.Count.EqualTo(20));
            Assert.That(expected[^1], Is.Not.EqualTo(expected[0]).Within(20).Percent, "nothing was learnt");
            for (var step = 0; step < losses.Count; step++) Assert.That(expected[step], Is.EqualTo(losses[step]).Within(2).Percent, $"step {step + 1}");
        });
    }

    [Test]
    public void AResumedRunIsBitwiseTheUnbrokenOne([Values(SaveDataType.Auto, SaveDataType.Float32)] SaveDataType saveDataType)
    {
        using var run = new CudaRun();
        TrainingOptions Options(string output) => run.Options(output) with { SaveDataType = saveDataType, MaxSteps = 5 };
        run.Train(Backend, Options("unbroken"));
        run.Train(Backend, Options("broken"), stopAfterStep: 2);
        run.Train(Backend, Options("broken") with { ResumeFromCheckpoint = "latest" });
        foreach (var file in new[] { "model.safetensors", "optimizer.safetensors", "trainer_state.json" })
            Assert.That(Bytes(run, "broken/checkpoint-5", file), Is.EqualTo(Bytes(run, "unbroken/checkpoint-5", file)), file);
        Assert.That(Bytes(run, "broken/final"), Is.EqualTo(Bytes(run, "unbroken/final")));
    }

    /// <summary>Another algorithm is another rounding: what was tuned since must not reach a run that goes on.</summary>
    [Test]
    public void ARunGoesOnWithItsOwnPlansWhateverWasTunedSince()
    {
        using var run = new CudaRun();
        TrainingOptions Options(string output) => run.Options(output) with { MaxSteps = 4 };
        using (var backend = new CudaBackend()) run.Train(backend, Options("unbroken"));
        using (var backend = new CudaBackend()) run.Train(backend, Options("broken"), stopAfterStep: 1);
        var tuned = OtherAlgorithms(run.PathOf("unbroken/checkpoint-4/trainer_state.json"));
        using (var backend = new CudaBackend(0, new CublasLtOptions(tuned, Warn: Assert.Fail))) run.Train(backend, Options("tuned"));
        using (var backend = new CudaBackend(0, new CublasLtOptions(tuned, Warn: Assert.Fail)))
            run.Train(backend, Options("broken") with { ResumeFromCheckpoint = "latest" });
        Assert.Multiple(() =>
        {
            Assert.That(Bytes(run, "tuned/checkpoint-4", "optimizer.safetensors"), Is.Not.EqualTo(Bytes(run, "unbroken/checkpoint-4", "optimizer.safetensors")), "the plans decide bits");
            foreach (var file in new[] { "model.safetensors", "optimizer.safetensors", "trainer_state.json" })
                Assert.That(Bytes(run, "broken/checkpoint-4", file), Is.EqualTo(Bytes(run, "unbroken/checkpoint-4", file)), file);
        });
    }

    [Test]
    public void PlansOfAnotherDeviceAreNotTaken()
    {
        using var backend = new CudaBackend();
        Assert.That(backend.ImportPlans("{\"format_version\": 1, \"plans\": []}"), Is.False);
        var exception = Assert.Throws<DftNativeException>(() => backend.ImportPlans("{}"));
        Assert.That((exception!.ExitCode, exception.Message), Is.EqualTo((ExitCode.InvalidInput, exception.Message)));
        Assert.That(exception.Message, Does.Contain("plans of matrix products"));
    }

    /// <summary>bf16 has steps of 2⁻⁸: updates of 1e-5 of a weight would all be lost without the low bits.</summary>
    [Test]
    public void SmallUpdatesAreNotRoundedAway()
    {
        using var run = new CudaRun();
        run.Train(Backend, run.Options("out") with { LearningRate = 1e-5, MaxSteps = 4, SaveDataType = SaveDataType.Float32, WeightDecay = 0 });
        using var trained = ModelDirectory.Open(run.PathOf("out/final"));
        foreach (var tensor in run.Model.Layout.Tensors.Where(tensor => tensor.Name.Contains("mlp", StringComparison.Ordinal)))
        {
            var (before, after) = (Values(run.Model, tensor), Values(trained, tensor));
            var changed = before.Where((value, i) => value != after[i]).Count();
            Assert.That(changed, Is.GreaterThan(before.Length * 0.99), tensor.Name);
            Assert.That(before.Zip(after, (x, y) => Math.Abs(x - y)).Max(), Is.InRange(5e-6, 4e-5));
        }
    }

    [Test]
    public void ACheckpointOfTheCpuIsRefusedAndThatOfTheGpuByTheCpu()
    {
        using var run = new CudaRun();
        using var cpu = new CpuBackend(2);
        run.Train(cpu, run.Options("cpu") with { MaxSteps = 3 }, stopAfterStep: 1);
        run.Train(Backend, run.Options("cuda") with { MaxSteps = 3 }, stopAfterStep: 1);
        Check(Backend, "cpu", "it was computed in fp32 and this device computes in bf16");
        Check(cpu, "cuda", "it was computed in bf16 and this device computes in fp32");

        void Check(IBackend backend, string output, string message)
        {
            var options = run.Options(output) with { MaxSteps = 3, ResumeFromCheckpoint = "latest" };
            var exception = Assert.Throws<DftNativeException>(() => run.Train(backend, options));
            Assert.That((exception!.ExitCode, exception.Message), Is.EqualTo((ExitCode.Usage, exception.Message)));
            Assert.That(exception.Message, Does.Contain(message));
        }
    }

    [Test]
    public void AStepAllocatesNoManagedMemoryAfterWarmUp()
    {
        using var run = new CudaRun("qwen3");
        var options = run.Options("unused") with { MaxGradNorm = 1 };
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(options.MicroBatchTokens!.Value) { Training = true });
        using var optimizer = new AdamWOptimizer(Backend, transformer, options.AdamW, excludeNormAndBias: true, seed: 1);
        run.Model.Load(Backend, transformer.Layout, optimizer.Weights);
        var runner = new StepRunner(Backend, transformer, optimizer, options);
        var batches = new[] { runner.Prepare(CudaRun.Rows(6)), runner.Prepare(CudaRun.Rows(5, seed: 2)) };
        Assert.That(batches[0].Passes, Has.Length.GreaterThan(1));
        var step = 0;
        while (step < 6) Assert.That(runner.Run(batches[++step % 2], step, 1e-4).IsSkipped, Is.False);
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 4; i++) runner.Run(batches[++step % 2], step, 1e-4);
        });
        Assert.That(runner.Statistics.Tokens, Is.EqualTo(batches[0].TargetCount));
    }

    /// <summary>The second run finds all memory back that the first one had.</summary>
    [Test]
    public void ARunGivesItsMemoryBack()
    {
        using var run = new CudaRun();
        var options = run.Options("first") with { MaxSteps = 2, EvalData = ["held-out"], LoadBestModelAtEnd = true };
        run.Train(Backend, options, evaluationRows: CudaRun.Rows(3, seed: 5));
        var scratch = Backend.AllocatedBytes;
        run.Train(Backend, options with { OutputDirectory = run.PathOf("second") }, evaluationRows: CudaRun.Rows(3, seed: 5));
        Assert.That(Backend.AllocatedBytes, Is.EqualTo(scratch));
        Assert.That(Bytes(run, "second/final"), Is.EqualTo(Bytes(run, "first/final")));
    }

    /// <summary>A checkpoint's plans, each with the emulator's second algorithm, which splits the sum.</summary>
    private static CublasLtPlanStore OtherAlgorithms(string trainerState)
    {
        using var state = JsonDocument.Parse(File.ReadAllText(trainerState));
        var plans = JsonNode.Parse(state.RootElement.GetProperty("gemm_plans").GetRawText())!;
        foreach (var plan in plans["plans"]!.AsArray())
        {
            var bytes = Convert.FromHexString(plan!["algorithm"]!.GetValue<string>());
            bytes[8] = 1;
            plan["algorithm"] = Convert.ToHexString(bytes);
        }

        return CublasLtPlanStore.FromJson(Encoding.UTF8.GetBytes(plans.ToJsonString()));
    }

    private static byte[] Bytes(CudaRun run, string directory, string file = "model.safetensors") => File.ReadAllBytes(Path.Combine(run.PathOf(directory), file));

    private static float[] Values(ModelDirectory model, ParameterTensor tensor)
    {
        var values = new float[tensor.Length];
        model.Read(tensor.Name, 0, values);
        return values;
    }
}
