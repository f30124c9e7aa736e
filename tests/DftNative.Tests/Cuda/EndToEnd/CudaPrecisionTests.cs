using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Evaluation;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tests.Models;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>Training in the precisions that keep fewer bits: repeatable and resumed to the bit, and close to exact's.</summary>
internal sealed class CudaPrecisionTests : CudaBackendFixture
{
    private static readonly Precision[] Reduced = [Precision.Lean, Precision.Tiny];

    /// <summary>Exact's losses are within 2 % of the CPU's fp32; bf16 gradients, rounded once an addition, move them as little.</summary>
    [TestCaseSource(nameof(Reduced))]
    [Category("Slow")]
    public void TwentyStepsAreTheSameInEveryOrderAndCloseToExacts(Precision precision)
    {
        using var run = new CudaRun();
        var losses = run.Train(Backend, Options(run, "natural", precision) with { SaveSteps = 4 });
        foreach (var seed in (ulong[])[1, 2])
        {
            CudaEmulator.SetOrder(seed);
            var options = Options(run, $"order-{seed}", precision) with { MaxSteps = 20, SaveSteps = 4 };
            Assert.That(run.Train(Backend, options, stopAfterStep: 4), Is.EqualTo(losses[..4]));
            AssertSameFiles(run, $"order-{seed}", "natural", step: 4, hasFinal: false);
        }

        CudaEmulator.SetOrder(0);
        var exact = run.Train(Backend, Options(run, "exact", Precision.Exact));
        Assert.Multiple(() =>
        {
            Assert.That(losses[^1], Is.Not.EqualTo(losses[0]).Within(20).Percent, "nothing was learnt");
            Assert.That(losses, Is.Not.EqualTo(exact), "fewer bits");
            for (var step = 0; step < losses.Count; step++) Assert.That(losses[step], Is.EqualTo(exact[step]).Within(3).Percent, $"step {step + 1}");
        });
    }

    [Test]
    public void AResumedRunIsBitwiseTheUnbrokenOne(
        [Values(Precision.Lean, Precision.Tiny)] Precision precision, [Values(SaveDataType.Auto, SaveDataType.Float32)] SaveDataType saveDataType)
    {
        using var run = new CudaRun();
        TrainingOptions Short(string output) => Options(run, output, precision) with { SaveDataType = saveDataType, MaxSteps = 5 };
        run.Train(Backend, Short("unbroken"));
        run.Train(Backend, Short("broken"), stopAfterStep: 2);
        run.Train(Backend, Short("broken") with { ResumeFromCheckpoint = "latest" });
        AssertSameFiles(run, "broken", "unbroken", step: 5);
    }

    /// <summary>An element's bits depend on its place in the arena, not on the slices by which a product reaches it.</summary>
    [Test]
    public void SlicesOfWeightGradientsChangeNothing()
    {
        using var run = new CudaRun();
        var whole = run.Train(Backend, Options(run, "whole", Precision.Tiny) with { MaxSteps = 2 });
        Backend.WeightGradientSliceSizeInBytes = 5 * 64 * sizeof(float);
        try
        {
            Assert.That(run.Train(Backend, Options(run, "sliced", Precision.Tiny) with { MaxSteps = 2 }), Is.EqualTo(whole));
            AssertSameFiles(run, "sliced", "whole", step: 2, sameProducts: false);
        }
        finally
        {
            Backend.WeightGradientSliceSizeInBytes = 256L << 20;
        }
    }

    /// <summary>Exact, clipped and decayed, on the gradients of fifty real steps: to the bit a plain fp32 AdamW in C#.</summary>
    [Test]
    public void ExactIsBitwiseAnFp32AdamWOverFiftySteps()
    {
        const float learningRate = 1e-3f, maxNorm = 0.05f;
        using var run = new CudaRun();
        var constants = new AdamWOptions { WeightDecay = 0.1f };
        var batch = new MicroBatch(CudaRun.Rows(2), new TrainingOptions().TokenLoss, run.Model.Configuration.EosTokenIds);
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(batch.TokenCount) { Training = true });
        using var optimizer = new AdamWOptimizer(Backend, transformer, constants, excludeNormAndBias: true, seed: 1);
        run.Model.Load(Backend, transformer.Layout, optimizer.Weights);
        var (masters, gradients) = (ReadMasters(), new float[transformer.Layout.ArenaLength]);
        float[] m = new float[masters.Length], v = new float[masters.Length], decays = new float[masters.Length];
        Array.Fill(decays, (float)(1 - ((double)learningRate * constants.WeightDecay)));
        foreach (var tensor in transformer.Layout.Tensors.Where(tensor => tensor.IsNormOrBias)) decays.AsSpan((int)tensor.Offset, (int)tensor.Length).Fill(1);
        var clippedSteps = 0;
        for (var step = 1; step <= 50; step++)
        {
            transformer.ZeroGradients(step);
            transformer.ForwardBackward(batch, new TrainingOptions().TokenLoss.Weighting, 1f / batch.TargetCount);
            Backend.Download(transformer.Gradients, gradients.AsSpan());
            optimizer.Step(step, learningRate, maxNorm);
            // As kernels/gradient_norm.cu's banner says: four squares in fp32, their sums in fp64.
            var norm = Math.Sqrt(gradients.Chunk(4).Sum(four => (double)four.Aggregate(0f, (sum, value) => MathF.FusedMultiplyAdd(value, value, sum))));
            Assert.That(optimizer.ReadGradientNorm(), Is.EqualTo((float)norm));
            var clip = (float)Math.Min(1, maxNorm / (norm + 1e-6));
            if (clip < 1) clippedSteps++;
            Update(step, clip);
        }

        Assert.That(clippedSteps, Is.Positive);
        Assert.That(ReadMasters().Select(BitConverter.SingleToUInt32Bits), Is.EqualTo(masters.Select(BitConverter.SingleToUInt32Bits)));

        void Update(int step, float clip)
        {
            var stepSize = (float)(learningRate / (1 - Math.Pow(constants.Beta1, step)));
            var correction = (float)Math.Sqrt(1 - Math.Pow(constants.Beta2, step));
            for (var i = 0; i < masters.Length; i++)
            {
                var g = gradients[i] * clip;
                m[i] = MathF.FusedMultiplyAdd(constants.Beta1, m[i], (1 - constants.Beta1) * g);
                v[i] = MathF.FusedMultiplyAdd(constants.Beta2, v[i], (1 - constants.Beta2) * g * g);
                masters[i] = MathF.FusedMultiplyAdd(-stepSize, m[i] / ((MathF.Sqrt(v[i]) / correction) + constants.Epsilon), masters[i] * decays[i]);
            }
        }

        float[] ReadMasters()
        {
            var (high, low) = (new ushort[transformer.Layout.ArenaLength], new short[transformer.Layout.ArenaLength]);
            Backend.Download<ushort>(optimizer.Weights.Weights, high);
            Backend.Download<short>(optimizer.Weights.Low, low);
            return [.. high.Zip(low, (upper, lower) => BitConverter.Int32BitsToSingle((upper << 16) + lower))];
        }
    }

    /// <summary>
    /// The same batch's gradient with the bits of 25 steps: the mean is nearer to the fp32 gradient than one is, by five where
    /// the roundings are independent. With one step's bits all along it would be as far.
    /// </summary>
    [Test]
    public void TheMeanOverStepsIsTheFp32Gradient()
    {
        const int steps = 25;
        using var run = new CudaRun();
        var exact = Gradients(DataType.Float32, 1)[0];
        var rounded = Gradients(DataType.BFloat16, steps);
        double[] mean = [.. Enumerable.Range(0, exact.Length).Select(i => rounded.Average(each => each[i]))];
        Assert.That(RelativeError(mean, exact), Is.InRange(1e-6, RelativeError(rounded[0], exact) / 3));

        double[][] Gradients(DataType dataType, int count)
        {
            using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(60) { Training = true, GradientType = dataType, Seed = 5 });
            run.Model.Load(Backend, transformer.Layout, transformer.Parameters);
            var loss = new TrainingOptions().TokenLoss;
            MicroBatch[] passes = [new(CudaRun.Rows(3), loss, run.Model.Configuration.EosTokenIds), new(CudaRun.Rows(3, seed: 2), loss, run.Model.Configuration.EosTokenIds)];
            return [.. Enumerable.Range(1, count).Select(step =>
            {
                transformer.ZeroGradients(step);
                foreach (var pass in passes) transformer.ForwardBackward(pass, loss.Weighting, 0.1f);
                return Download(transformer.Gradients);
            })];
        }
    }

    /// <summary>
    /// 250 updates of 1e-5 to weights of 1, each a 390th of a bf16 step. lean's masters fall by 2.5e-3, so all its weights to
    /// the neighbour of 1, 2⁻⁸ below. tiny's fall as much in the mean: after such a walk, of 0.8 steps' deviation, over 3,000
    /// weights, within 3e-4.
    /// </summary>
    [TestCaseSource(nameof(Reduced))]
    public void UpdatesFarBelowABFloat16StepAddUp(Precision precision)
    {
        const int steps = 250;
        const float learningRate = 1e-5f;
        const ushort one = 0x3F80, thousandth = 0x3A83;
        var configuration = SmallModel.Configuration(ModelArchitecture.Qwen2) with
        {
            VocabularySize = 64,
            HiddenSize = 16,
            IntermediateSize = 16,
            LayerCount = 1,
            HeadCount = 1,
            KeyValueHeadCount = 1,
            HeadDimension = 16,
        };
        using var transformer = new Transformer(Backend, configuration, new TransformerOptions(8) { Training = true, GradientType = DataType.BFloat16 });
        using var optimizer = new AdamWOptimizer(Backend, transformer, new AdamWOptions { WeightDecay = 0 }, excludeNormAndBias: false, seed: 1, precision);
        Backend.Upload<ushort>(Filled(one), optimizer.Weights.Weights);
        Backend.Upload<ushort>(Filled(thousandth), transformer.Gradients);
        if (!optimizer.Weights.Low.IsEmpty) Backend.Zero(optimizer.Weights.Low);
        transformer.ResetStatistics();
        for (var step = 1; step <= steps; step++) optimizer.Step(step, learningRate, maxGradientNorm: 0);

        var weights = Download(optimizer.Weights.Weights);
        if (precision == Precision.Tiny)
        {
            Assert.That(weights.Average(), Is.EqualTo(1 - (steps * learningRate)).Within(3e-4));
            return;
        }

        var low = new short[weights.Length];
        Backend.Download<short>(optimizer.Weights.Low, low);
        var masters = weights.Zip(low, (weight, bits) => (double)BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)weight) + bits));
        Assert.That(masters.Average(), Is.EqualTo(1 - (steps * learningRate)).Within(5e-5), "a moment's rounding is unbiased, and 2 % at most");
        Assert.That(weights, Is.All.EqualTo(1 - Math.ScaleB(1, -8)));

        ushort[] Filled(ushort bits) => [.. Enumerable.Repeat(bits, (int)transformer.Layout.ArenaLength)];
    }

    [TestCaseSource(nameof(Reduced))]
    public void AStepAllocatesNoManagedMemory(Precision precision)
    {
        using var run = new CudaRun();
        var options = Options(run, "unused", precision);
        using var transformer = new Transformer(Backend, run.Model.Configuration, options.ForTransformer(64));
        using var optimizer = new AdamWOptimizer(Backend, transformer, options.AdamW, excludeNormAndBias: true, options.Seed, precision);
        run.Model.Load(Backend, transformer.Layout, optimizer.Weights);
        var runner = new StepRunner(Backend, transformer, optimizer, options);
        var batch = runner.Prepare(CudaRun.Rows(3));
        var update = 0;
        for (var i = 0; i < 3; i++) Step();
        ManagedAllocation.AssertNone(Step);

        void Step() => runner.Run(batch, ++update, 1e-4);
    }

    [Test]
    public void MomentsAreStoredInTheTypeThatTheyAreOf()
    {
        using var run = new CudaRun();
        foreach (var precision in Enum.GetValues<Precision>())
        {
            run.Train(Backend, Options(run, precision.Name(), precision) with { MaxSteps = 1 });
            using var file = SafetensorsFile.Open(Path.Combine(run.PathOf(precision.Name()), "checkpoint-1", "optimizer.safetensors"));
            var moments = precision == Precision.Exact ? SafetensorsDataType.F32 : SafetensorsDataType.BF16;
            Assert.Multiple(() =>
            {
                Assert.That(TypesOf(file, "exp_avg."), Is.EqualTo(new[] { moments }));
                Assert.That(TypesOf(file, "exp_avg_sq."), Is.EqualTo(new[] { moments }));
                Assert.That(TypesOf(file, "master."), Is.EqualTo(precision == Precision.Tiny ? [] : new[] { SafetensorsDataType.F32 }));
            });
        }

        static SafetensorsDataType[] TypesOf(SafetensorsFile file, string prefix) => [.. file.Tensors.Values
            .Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor.DataType).Distinct()];
    }

    [Test]
    public void ACheckpointIsNotContinuedInAnotherPrecision()
    {
        using var run = new CudaRun();
        run.Train(Backend, Options(run, "lean", Precision.Lean) with { MaxSteps = 3 }, stopAfterStep: 1);
        foreach (var other in (Precision[])[Precision.Exact, Precision.Tiny])
        {
            var options = Options(run, "lean", other) with { MaxSteps = 3, ResumeFromCheckpoint = "latest" };
            var exception = Assert.Throws<DftNativeException>(() => run.Train(Backend, options));
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain($"precision was lean and is {other.Name()}"));
        }
    }

    [TestCaseSource(nameof(Reduced))]
    public void TheCpuHasNoSuchPrecision(Precision precision)
    {
        using var run = new CudaRun();
        using var cpu = new CpuBackend(1);
        var exception = Assert.Throws<DftNativeException>(() => run.Train(cpu, Options(run, "cpu", precision)));
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(exception.Message, Does.StartWith($"precision {precision.Name()} needs a GPU"));
        Assert.That(Directory.Exists(run.PathOf("cpu")), Is.False);
    }

    /// <summary>The tolerance of bf16 activations holds: the gradients' own rounding is 2⁻⁸ an addition at most, and unbiased.</summary>
    [Test]
    public void GradientsOfEveryArchitectureAgreeWithTheReference([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture)
    {
        using var run = new CudaRun(architecture);
        var exact = Check(run, new TrainingOptions { MicroBatchTokens = 40 });
        var lean = Check(run, new TrainingOptions { MicroBatchTokens = 40, Precision = Precision.Lean });
        Assert.Multiple(() =>
        {
            Assert.That(lean.IsWithin(0.12), $"{lean.Worst}");
            Assert.That(lean.Loss, Is.EqualTo(exact.Loss), "forward is the same");
            for (var i = 0; i < lean.Parameters.Count; i++)
                Assert.That(lean.Parameters[i].RelativeError, Is.EqualTo(exact.Parameters[i].RelativeError).Within(0.02), lean.Parameters[i].Name);
        });

        GradientCheckResult Check(CudaRun source, TrainingOptions options)
        {
            using var check = new GradientCheck(Backend, source.Model, CudaRun.Rows(9), options);
            return check.Run();
        }
    }

    /// <summary>Weights, master, gradients and moments of each mode, as the device's memory counts them.</summary>
    [TestCase(Precision.Exact, 16)]
    [TestCase(Precision.Lean, 10)]
    [TestCase(Precision.Tiny, 8)]
    public void BytesOfAParameter(Precision precision, int expected)
    {
        using var run = new CudaRun();
        using var transformer = new Transformer(Backend, run.Model.Configuration, new TransformerOptions(8) { Training = true, GradientType = precision.StateType() });
        var gradients = transformer.Gradients.Buffer!.SizeInBytes;
        var before = Backend.AllocatedBytes;
        using var optimizer = new AdamWOptimizer(Backend, transformer, new AdamWOptions(), excludeNormAndBias: false, seed: 1, precision);
        const int normAndClip = 8;
        var state = Backend.AllocatedBytes - before - normAndClip;
        Assert.That(transformer.Parameters.Buffer!.SizeInBytes + gradients + state, Is.EqualTo(expected * transformer.Layout.ArenaLength));
    }

    private static TrainingOptions Options(CudaRun run, string output, Precision precision) => run.Options(output) with { Precision = precision };

    private static void AssertSameFiles(CudaRun run, string actual, string expected, int step, bool hasFinal = true, bool sameProducts = true)
    {
        // The trainer's state has the plans of the matrix products.
        string[] files = sameProducts ? ["model.safetensors", "optimizer.safetensors", "trainer_state.json"] : ["model.safetensors", "optimizer.safetensors"];
        foreach (var file in files)
            Assert.That(Bytes(actual, $"checkpoint-{step}", file), Is.EqualTo(Bytes(expected, $"checkpoint-{step}", file)), file);
        if (hasFinal) Assert.That(Bytes(actual, "final", "model.safetensors"), Is.EqualTo(Bytes(expected, "final", "model.safetensors")));

        byte[] Bytes(string output, string directory, string file) => File.ReadAllBytes(Path.Combine(run.PathOf(output), directory, file));
    }
}
