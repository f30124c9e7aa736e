using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/swiglu.cu through the bindings, against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class SwiGluTests : CudaLayerFixture
{
    /// <summary>Blocks of 512 packets: less than one, a whole one, one and a packet, several.</summary>
    [TestCase(1, 8)]
    [TestCase(3, 24)]
    [TestCase(1, 2048)]
    [TestCase(1, 2056)]
    [TestCase(2, 2048)]
    [TestCase(1, 4096)]
    [TestCase(1, 4104)]
    [TestCase(7, 1000)]
    [TestCase(260, 72)]
    public void AgreesWithFp64(int tokens, int intermediate)
    {
        var problem = new Problem(tokens, intermediate, 2);
        for (ulong order = 0; order <= 2; order++)
        {
            CudaEmulator.SetOrder(order);
            CheckForward(problem);
            CheckBackward(problem, inPlace: false);
            CheckBackward(problem, inPlace: true);
        }
    }

    /// <summary>Gates of up to some hundreds, where e^-x overflows or vanishes.</summary>
    [Test]
    public void LargeGatesSaturate()
    {
        var problem = new Problem(5, 64, 100);
        CheckForward(problem);
        CheckBackward(problem, inPlace: false);
    }

    [Test]
    public void EveryOrderGivesTheSameBits()
    {
        var problem = new Problem(9, 1000, 2);
        var (output, gradient) = (Forward(problem), Backward(problem, inPlace: false));
        AssertSameBits(Backward(problem, inPlace: true), gradient);
        for (ulong seed = 1; seed <= 2; seed++)
        {
            CudaEmulator.SetOrder(seed);
            AssertSameBits(Forward(problem), output);
            AssertSameBits(Backward(problem, inPlace: false), gradient);
        }
    }

    [Test]
    public void MovesTheBytesThatItsBannerClaims()
    {
        const int tokens = 7, intermediate = 1000;
        var problem = new Problem(tokens, intermediate, 2);
        CudaEmulator.ResetCounters();
        Forward(problem);
        Backward(problem, inPlace: false);

        var forward = CudaEmulator.CountersOf("swiglu_forward");
        var backward = CudaEmulator.CountersOf("swiglu_backward");
        Assert.Multiple(() =>
        {
            Assert.That(forward.Launches, Is.EqualTo(1));
            Assert.That(forward.Threads, Is.EqualTo(2 * 256), "875 packets, two a thread");
            Assert.That(forward.BytesReadStreaming, Is.EqualTo(tokens * intermediate * 2 * 2));
            Assert.That(forward.BytesReadReused, Is.Zero);
            Assert.That(forward.BytesWritten, Is.EqualTo(tokens * intermediate * 2));
            Assert.That(backward.Launches, Is.EqualTo(1));
            Assert.That(backward.Threads, Is.EqualTo(2 * 256));
            Assert.That(backward.BytesReadStreaming, Is.EqualTo(tokens * intermediate * 2 * 3));
            Assert.That(backward.BytesReadReused, Is.Zero);
            Assert.That(backward.BytesWritten, Is.EqualTo(tokens * intermediate * 2 * 2));
        });
    }

    /// <summary>In memory of its own or over the output's gradient, and the gradients are the same.</summary>
    [Test]
    public void BackwardGivesTheOutputAgainToTheBit([Values(1, 9)] int tokens, [Values(8, 1000, 2056)] int intermediate)
    {
        var problem = new Problem(tokens, intermediate, 2);
        var (output, gradient) = (Forward(problem), Backward(problem, inPlace: false));
        for (ulong order = 0; order <= 2; order++)
        {
            CudaEmulator.SetOrder(order);
            foreach (var memory in (OutputMemory[])[OutputMemory.Separate, OutputMemory.OverTheGradient])
            {
                var result = Backward(problem, inPlace: true, memory);
                AssertSameBits(result.Output, output);
                AssertSameBits(result.Gradient, gradient);
            }
        }
    }

    [Test]
    public void TheOutputAgainIsOneMoreWrite()
    {
        const int tokens = 7, intermediate = 1000;
        var problem = new Problem(tokens, intermediate, 2);
        CudaEmulator.ResetCounters();
        Backward(problem, inPlace: true, OutputMemory.OverTheGradient);
        var backward = CudaEmulator.CountersOf("swiglu_backward");
        Assert.That(backward.BytesReadStreaming + backward.BytesReadReused, Is.EqualTo(tokens * intermediate * 2 * 3));
        Assert.That(backward.BytesWritten, Is.EqualTo(tokens * intermediate * 2 * 3));
    }

    [Test]
    public void NoRowsIsNoLaunch()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Activations, "x");
        var (narrow, wide) = (new Matrix(buffer, 0, 0, 64, 64), new Matrix(buffer, 0, 0, 128, 128));
        Backend.SwiGluForward(wide, narrow);
        Backend.SwiGluBackward(narrow, wide, wide, narrow);
        Assert.That(Backend.Synchronize, Throws.Nothing);
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var buffer = Backend.Allocate(DataType.BFloat16, 512, MemoryCategory.Activations, "x");
        var (narrow, wide, odd) = (buffer.AsMatrix(2, 64), buffer.AsMatrix(2, 128), new Matrix(buffer, 0, 2, 12, 16));
        Assert.Multiple(() =>
        {
            Rejects("gateUp is [2, 64] and must be [2, 128]", () => Backend.SwiGluForward(narrow, narrow));
            Rejects("output has 12 columns, not a multiple of 8", () => Backend.SwiGluForward(new Matrix(buffer, 0, 2, 24, 24), odd));
            Rejects("gateUp is [2, 64] and must be [2, 128]", () => Backend.SwiGluBackward(narrow, narrow, wide, default));
            Rejects("gateUpGradient is [2, 64] and must be [2, 128]", () => Backend.SwiGluBackward(narrow, wide, narrow, default));
            Rejects("outputGradient has 12 columns", () => Backend.SwiGluBackward(odd, wide, wide, default));
            Rejects("output is [2, 128] and must be [2, 64]", () => Backend.SwiGluBackward(narrow, wide, wide, wide));
            Rejects("output is too large", () => Backend.SwiGluForward(
                new Matrix(Huge(), 0, 1 << 20, 1 << 15, 1 << 15), new Matrix(Huge(), 0, 1 << 20, 1 << 14, 1 << 14)));
        });

        static void Rejects(string message, Action operation) =>
            Assert.That(operation, Throws.ArgumentException.With.Message.Contains(message));
        static DeviceBuffer Huge() => new UnallocatedBuffer(DataType.BFloat16, 1L << 35);
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var gateUp = Backend.Allocate(DataType.BFloat16, 256, MemoryCategory.Activations, "x");
        using var output = Backend.Allocate(DataType.BFloat16, 128, MemoryCategory.Activations, "y");
        AssertAllocatesNothing(() =>
        {
            Backend.SwiGluForward(gateUp.AsMatrix(2, 128), output.AsMatrix(2, 64));
            Backend.SwiGluBackward(output.AsMatrix(2, 64), gateUp.AsMatrix(2, 128), gateUp.AsMatrix(2, 128), output.AsMatrix(2, 64));
        });
    }

    private double[] Forward(Problem problem)
    {
        var (tokens, intermediate) = (problem.Tokens, problem.Intermediate);
        var (wide, narrow) = ((2 * intermediate) + 8, intermediate + 16);
        using var gateUp = UploadRows(problem.GateUp, 2 * intermediate, wide);
        using var output = PoisonedRows(tokens, narrow);
        Backend.SwiGluForward(new Matrix(gateUp, 0, tokens, 2 * intermediate, wide), new Matrix(output, 0, tokens, intermediate, narrow));
        return DownloadRows(output, intermediate, narrow);
    }

    private double[] Backward(Problem problem, bool inPlace) => Backward(problem, inPlace, OutputMemory.None).Gradient;

    /// <summary>Backward, and the output that it gives again.</summary>
    private (double[] Gradient, double[] Output) Backward(Problem problem, bool inPlace, OutputMemory outputMemory)
    {
        var (tokens, intermediate) = (problem.Tokens, problem.Intermediate);
        var (wide, narrow, resultStride) = ((2 * intermediate) + 8, intermediate + 16, (2 * intermediate) + (inPlace ? 8 : 24));
        using var gateUp = UploadRows(problem.GateUp, 2 * intermediate, wide);
        using var outputGradient = UploadRows(problem.OutputGradient, intermediate, narrow);
        using var separate = PoisonedRows(tokens, resultStride);
        var result = inPlace ? gateUp : separate;
        using var separateOutput = PoisonedRows(tokens, intermediate + 32);
        var (output, outputStride) = outputMemory == OutputMemory.OverTheGradient ? (outputGradient, narrow) : (separateOutput, intermediate + 32);
        Backend.SwiGluBackward(
            new Matrix(outputGradient, 0, tokens, intermediate, narrow), new Matrix(gateUp, 0, tokens, 2 * intermediate, wide),
            new Matrix(result, 0, tokens, 2 * intermediate, resultStride),
            outputMemory == OutputMemory.None ? default : new Matrix(output, 0, tokens, intermediate, outputStride));
        return (DownloadRows(result, 2 * intermediate, resultStride), DownloadRows(output, intermediate, outputStride));
    }

    /// <summary>
    /// Within 8 roundings of fp32 of its terms' magnitude, an exponential of 2 units included: 2^-21; then one rounding to
    /// bf16. What fp32 takes for zero is below 1e-34.
    /// </summary>
    private void CheckForward(Problem problem)
    {
        var intermediate = problem.Intermediate;
        var expected = new double[problem.Tokens * intermediate];
        for (var i = 0; i < expected.Length; i++)
        {
            var (gate, up) = problem.At(i / intermediate, i % intermediate);
            expected[i] = ZeroIfTiny(gate / (1 + Math.Exp(-gate)) * up);
        }

        AssertRounded(ZeroIfTiny(Forward(problem)), expected, [.. expected.Select(value => Math.ScaleB(Math.Abs(value), -21))]);
    }

    /// <summary>Likewise; the derivative's two terms may cancel, so its error is of their magnitude.</summary>
    private void CheckBackward(Problem problem, bool inPlace)
    {
        var intermediate = problem.Intermediate;
        var (expected, errors) = (new double[problem.GateUp.Length], new double[problem.GateUp.Length]);
        for (var t = 0; t < problem.Tokens; t++)
        {
            for (var c = 0; c < intermediate; c++)
            {
                var (gate, up) = problem.At(t, c);
                var gradient = problem.OutputGradient[(t * intermediate) + c];
                var sigma = 1 / (1 + Math.Exp(-gate));
                var gateIndex = (t * 2 * intermediate) + c;
                expected[gateIndex] = ZeroIfTiny(gradient * up * sigma * (1 + (gate * (1 - sigma))));
                errors[gateIndex] = Math.ScaleB(Math.Abs(gradient * up * sigma) * (1 + Math.Abs(gate)), -21);
                expected[gateIndex + intermediate] = ZeroIfTiny(gradient * gate * sigma);
                errors[gateIndex + intermediate] = Math.ScaleB(Math.Abs(gradient * gate * sigma), -21);
            }
        }

        AssertRounded(ZeroIfTiny(Backward(problem, inPlace)), expected, errors);
    }

    private static double ZeroIfTiny(double value) => Math.Abs(value) < 1e-34 ? 0 : value;

    private static double[] ZeroIfTiny(double[] values) => [.. values.Select(ZeroIfTiny)];

    private enum OutputMemory
    {
        None,
        Separate,
        OverTheGradient,
    }

    private sealed class Problem(int tokens, int intermediate, double scale)
    {
        public int Tokens => tokens;

        public int Intermediate => intermediate;

        public double[] GateUp { get; } = Normal((tokens * 1009) + intermediate, tokens * 2 * intermediate, scale);

        public double[] OutputGradient { get; } = Normal((tokens * 1009) + intermediate + 1, tokens * intermediate);

        public (double Gate, double Up) At(int token, int column) =>
            (GateUp[(token * 2 * intermediate) + column], GateUp[(((token * 2) + 1) * intermediate) + column]);
    }
}
