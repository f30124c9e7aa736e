using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Cuda;

/// <summary>kernels/adamw.cu through the bindings: bit for bit what fp32 arithmetic and Philox make of it.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AdamWTests : CudaBackendFixture
{
    private const string Kernel = "adamw";
    private const ulong Seed = 0x1234_5678_9ABC_DEF0;

    /// <summary>Elements of a block.</summary>
    private const int BlockLength = 256 * 8;

    [Test]
    public void ExactIsAnFp32AdamWOverFiftySteps()
    {
        const int length = (2 * BlockLength) + 13;
        var start = AdamWTensors.Random(AdamWMode.Exact, length, seed: 1);
        EdgeMasters().CopyTo(start.Parameters, 5);
        using var cpu = new CpuBackend(1);
        using var cpuState = new CpuAdamW(cpu, start);
        using var device = new DeviceTensors(this, start);
        for (var step = 1; step <= 50; step++)
        {
            start.SetGradients(step);
            // Squares that overflow, subnormal and zero gradients.
            start.Gradients[7] = 1e30f;
            start.Gradients[8] = 1e-42f;
            start.Gradients[9] = 0;
            var clip = step % 3 == 0 ? 1 : 0.37f;
            cpuState.Step(start.Gradients, step, clip);
            device.UploadGradients(start.Gradients);
            CudaEmulator.SetOrder((ulong)step % 3);
            device.Step(Arguments(step), norm: 2, clip);
            if (step is 1 or 2 or 10 or 50) AssertSameBits(device.Read(), cpuState.Read(start));
        }
    }

    /// <summary>hi = (bits + 0x8000) >> 16 and lo the rest: at a learning rate of 0 every fp32 number comes back as it was.</summary>
    [Test]
    public void TheSplitMasterIsExact()
    {
        var masters = EdgeMasters();
        var tensors = new AdamWTensors(AdamWMode.Exact, masters.Length) { Parameters = masters };
        using var device = new DeviceTensors(this, tensors);
        device.Step(Arguments(1) with { LearningRate = 0 }, norm: 1, clip: 1);
        AssertSameBits(device.Read().Parameters, masters, "master");
    }

    [Test]
    public void AgreesWithPlainArithmetic([Values] AdamWMode mode, [Values(1, 7, 8, 9, 250, 2047, 2048, 2049, 4101)] int length)
    {
        var expected = AdamWTensors.Random(mode, length, seed: length);
        using var device = new DeviceTensors(this, expected);
        for (var step = 1; step <= 3; step++)
        {
            expected.SetGradients(100 + step);
            device.UploadGradients(expected.Gradients);
            var arguments = Arguments(step) with { ArenaOffset = 1L << 35 };
            expected.Step(arguments, 0.75f);
            CudaEmulator.SetOrder((ulong)step - 1);
            device.Step(arguments, norm: 3, clip: 0.75f);
            AssertSameBits(device.Read(), expected);
        }
    }

    /// <summary>Each constant changed alone gives the numbers of that constant: none stands in for another.</summary>
    [Test]
    public void EveryConstantCounts([Values] AdamWMode mode)
    {
        var arguments = Arguments(3);
        AdamWArguments[] variations =
        [
            arguments, arguments with { Step = 7 }, arguments with { LearningRate = 0.02f }, arguments with { Beta1 = 0.5f },
            arguments with { Beta2 = 0.6f }, arguments with { Epsilon = 0.1f }, arguments with { WeightDecay = 0.9f },
            arguments with { Seed = 1 }, arguments with { Seed = Seed ^ (1UL << 63) }, arguments with { ArenaOffset = 8 },
            arguments with { ArenaOffset = 1L << 40 },
        ];
        foreach (var variation in variations)
        {
            var expected = AdamWTensors.Random(mode, 40, seed: 9);
            for (var i = 0; i < expected.Length; i++) (expected.FirstMoment[i], expected.SecondMoment[i]) = (0.5f, 0.25f);
            using var device = new DeviceTensors(this, expected);
            expected.Step(variation, 0.5f);
            device.Step(variation, norm: 3, clip: 0.5f);
            AssertSameBits(device.Read(), expected);
        }
    }

    [Test]
    public void AnInfiniteOrMissingNormSkipsTheStep(
        [Values] AdamWMode mode, [Values(float.NaN, float.PositiveInfinity)] float norm)
    {
        var tensors = AdamWTensors.Random(mode, 77, seed: 2);
        using var device = new DeviceTensors(this, tensors);
        CudaEmulator.ResetCounters();
        device.Step(Arguments(1), norm, clip: 1);
        AssertSameBits(device.Read(), tensors);
        Assert.That(CudaEmulator.CountersOf(Kernel).BytesWritten, Is.Zero);
    }

    [Test]
    public void TheLargestNormDoesNotSkip()
    {
        var tensors = AdamWTensors.Random(AdamWMode.Exact, 9, seed: 2);
        using var device = new DeviceTensors(this, tensors);
        device.Step(Arguments(1), float.MaxValue, clip: 1);
        Assert.That(device.Read().Parameters, Is.Not.EqualTo(tensors.Parameters));
    }

    [Test]
    public void SlicesOfTheArenaGiveTheSameBits([Values] AdamWMode mode)
    {
        var tensors = AdamWTensors.Random(mode, 3001, seed: 4);
        using var whole = new DeviceTensors(this, tensors);
        using var sliced = new DeviceTensors(this, tensors);
        var arguments = Arguments(2) with { ArenaOffset = 640 };
        whole.Step(arguments, norm: 1, clip: 1);
        foreach (var (start, length) in ((long, long)[])[(0, 1016), (1016, 8), (1024, 1977)])
            sliced.Step(arguments with { ArenaOffset = 640 + start }, norm: 1, clip: 1, start, length);
        AssertSameBits(sliced.Read(), whole.Read());
    }

    [TestCase(AdamWMode.Exact, 16, 12)]
    [TestCase(AdamWMode.Lean, 10, 8)]
    [TestCase(AdamWMode.Tiny, 8, 6)]
    public void MovesTheBytesThatItsBannerClaims(AdamWMode mode, int read, int written)
    {
        const int length = BlockLength + 100;
        using var device = new DeviceTensors(this, AdamWTensors.Random(mode, length, seed: 3));
        CudaEmulator.ResetCounters();
        device.Step(Arguments(1), norm: 1, clip: 1);
        Backend.Synchronize();
        var counted = CudaEmulator.CountersOf(Kernel);
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1));
            Assert.That(counted.Blocks, Is.EqualTo(2));
            Assert.That(counted.Threads, Is.EqualTo(512));
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(length * read));
            Assert.That(counted.BytesReadReused, Is.EqualTo((length + 7) / 8 * 8), "the norm and the factor, in every thread that has elements");
            Assert.That(counted.BytesWritten, Is.EqualTo(length * written));
            Assert.That(counted.BlockBarriers, Is.Zero);
        });
    }

    [Test]
    public void WrongOperandsAreNamed()
    {
        using var bf16 = Backend.Allocate(DataType.BFloat16, 64, MemoryCategory.Weights, "weights");
        using var low = Backend.Allocate(DataType.Int16, 64, MemoryCategory.Master, "low");
        using var fp32 = Backend.Allocate(DataType.Float32, 64, MemoryCategory.Gradients, "state");
        var (p, l, f) = (bf16.AsVector().Slice(0, 32), low.AsVector().Slice(0, 32), fp32.AsVector().Slice(0, 32));
        var right = Arguments(1) with
        {
            Parameters = p,
            MasterLow = l,
            Gradients = f,
            FirstMoment = f,
            SecondMoment = f,
            NormAndClip = f.Slice(0, 2),
        };
        var unaligned = bf16.AsVector().Slice(4, 32);
        Assert.Multiple(() =>
        {
            Fails(right with { MasterLow = default }, "Float32 gradients need a MasterLow");
            Fails(right with { Gradients = fp32.AsVector() }, "Gradients has 64 elements and must have 32");
            Fails(right with { FirstMoment = fp32.AsVector() }, "FirstMoment has 64 elements and must have 32");
            Fails(right with { SecondMoment = fp32.AsVector() }, "SecondMoment has 64 elements and must have 32");
            Fails(right with { MasterLow = low.AsVector() }, "MasterLow has 64 elements and must have 32");
            Fails(right with { NormAndClip = f }, "NormAndClip has 32 elements and must have 2");
            Fails(right with { ArenaOffset = 4 }, "ArenaOffset 4 is not a multiple of 8");
            Fails(right with { FirstMoment = p }, "FirstMoment must be Float32");
            Fails(right with { SecondMoment = p }, "SecondMoment must be Float32");
            Fails(right with { MasterLow = p }, "MasterLow must be Int16");
            Fails(right with { Parameters = f }, "Parameters must be BFloat16");
            Fails(right with { Gradients = p, FirstMoment = p, SecondMoment = unaligned }, "SecondMoment must begin");
            Fails(right with { MasterLow = low.AsVector().Slice(4, 32) }, "MasterLow must begin");
        });

        void Fails(AdamWArguments arguments, string message) =>
            Assert.That(() => Backend.AdamWStep(arguments), Throws.ArgumentException.With.Message.Contains(message));
    }

    [Test]
    public void NoElementsIsNoLaunch()
    {
        using var device = new DeviceTensors(this, AdamWTensors.Random(AdamWMode.Exact, 16, seed: 1));
        Assert.That(() => device.Step(Arguments(1), 1, 1, 0, 0), Throws.Nothing);
    }

    [Test]
    public void ALaunchAllocatesNothing()
    {
        using var device = new DeviceTensors(this, AdamWTensors.Random(AdamWMode.Exact, 16, seed: 1));
        var arguments = device.Bind(Arguments(1), 0, 16);
        Backend.AdamWStep(arguments);
        Backend.Synchronize();
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 100; i++) Backend.AdamWStep(arguments);
            Backend.Synchronize();
        });
    }

    /// <summary>Steps of a 780th of a bf16 step below 1 are lost by rounding to nearest, and add up by stochastic rounding.</summary>
    [Test]
    public void SmallUpdatesAddUpInBFloat16()
    {
        const int length = 4096, steps = 200;
        const float learningRate = 5e-6f;
        var tensors = new AdamWTensors(AdamWMode.Tiny, length);
        Array.Fill(tensors.Parameters, 1f);
        Array.Fill(tensors.Gradients, 0.5f);
        using var device = new DeviceTensors(this, tensors);
        for (var step = 1; step <= steps; step++)
            device.Step(Arguments(step) with { LearningRate = learningRate, WeightDecay = 0 }, norm: 1, clip: 1);

        // m / sqrt(v) is 1 on average, so a step is the learning rate. An element moves by whole steps of 2^-8, with
        // variance 2^-8 · lr a step: the mean of all has a standard deviation of 3e-5, and 1.5e-4 is five of them.
        var mean = device.Read().Parameters.Average(value => (double)value);
        Assert.That(1 - mean, Is.EqualTo(steps * learningRate).Within(1.5e-4));
    }

    /// <summary>
    /// The first moment of a first step is (1 - beta1) g, for which the gradients give fractions of a bf16 step from 0 to 1;
    /// likewise the second. How often each is rounded up is compared with its fraction, and the roundings of different
    /// steps, moments and neighbours with each other: sums of n independent errors are within five standard deviations.
    /// </summary>
    [Test]
    public void RoundingIsUnbiasedAndIndependent()
    {
        const int length = 2048, steps = 12;
        var tensors = new AdamWTensors(AdamWMode.Lean, length);
        for (var i = 0; i < length; i++) tensors.Gradients[i] = AdamWTensors.BFloat16(1 + (i % 128 / 128f));
        var errors = new List<double[]>();
        for (var step = 1; step <= steps; step++)
        {
            using var device = new DeviceTensors(this, tensors);
            device.Step(Arguments(step), norm: 1, clip: 1);
            var result = device.Read();
            errors.Add([.. Enumerable.Range(0, length).Select(i => Error(result.FirstMoment[i], (1 - 0.9f) * tensors.Gradients[i]))]);
            errors.Add([.. Enumerable.Range(0, length).Select(i => Error(result.SecondMoment[i], (1 - 0.95f) * tensors.Gradients[i] * tensors.Gradients[i]))]);
        }

        AssertNone(errors.SelectMany(each => each), "the mean");
        foreach (var group in errors.SelectMany(each => each.Index()).GroupBy(pair => pair.Index % 8))
            AssertNone(group.Select(pair => pair.Item), $"place {group.Key} of eight");
        for (var a = 0; a < errors.Count; a++)
        {
            foreach (var lag in (int[])[1, 2, 4, 8, 16])
                AssertNone(errors[a].Zip(errors[a].Skip(lag), (x, y) => x * y), $"lag {lag}");
            for (var b = 0; b < a; b++) AssertNone(errors[a].Zip(errors[b], (x, y) => x * y), $"launches {a} and {b}");
        }

        // In bf16 steps: 1 - f with probability f, else -f.
        static double Error(float rounded, float value)
        {
            var down = AdamWTensors.BFloat16(value);
            var ulp = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(down) + 0x10000) - down;
            Assert.That((rounded - down) / ulp, Is.EqualTo(0).Or.EqualTo(1));
            return ((double)rounded - value) / ulp;
        }

        static void AssertNone(IEnumerable<double> values, string what)
        {
            var all = values.ToArray();
            var deviation = Math.Sqrt(all.Sum(value => value * value));
            Assert.That(Math.Abs(all.Sum()), Is.InRange(0, 5 * deviation), what);
        }
    }

    private static AdamWArguments Arguments(int step) =>
        new(default, default, default, default, default, default, step, 0.01f, 0.9f, 0.95f, 1e-8f, 0.1f, Seed, 0);

    /// <summary>Ties of the split, both signs of zero, subnormals, neighbours of powers of two, and the largest numbers.</summary>
    private static float[] EdgeMasters()
    {
        uint[] bits =
        [
            0x3F808000, 0x3F818000, 0xBF808000, 0xBF818000, 0x3F807FFF, 0x3F808001, 0x3F80FFFF, 0x3FFFFFFF, 0x3FFF8000,
            0x00000000, 0x80000000, 0x00000001, 0x00008000, 0x0000FFFF, 0x007FFFFF, 0x80008000, 0x807FFFFF, 0x00800000,
            0x7F7FFFFF, 0xFF7FFFFF, 0x7F7F8000, 0x7F7F7FFF, 0x7F000000,
        ];
        return [.. bits.Select(BitConverter.UInt32BitsToSingle)];
    }

    private static void AssertSameBits(AdamWTensors actual, AdamWTensors expected)
    {
        AssertSameBits(actual.Parameters, expected.Parameters, "master");
        AssertSameBits(actual.FirstMoment, expected.FirstMoment, "first moment");
        AssertSameBits(actual.SecondMoment, expected.SecondMoment, "second moment");
    }

    private static void AssertSameBits(float[] actual, float[] expected, string what) => Assert.That(
        actual.Select(BitConverter.SingleToUInt32Bits).ToArray(), Is.EqualTo(expected.Select(BitConverter.SingleToUInt32Bits).ToArray()), what);

    /// <summary>The operands on the device, each between elements that nobody may touch.</summary>
    private sealed class DeviceTensors : IDisposable
    {
        private const int Margin = 8;
        private readonly AdamWTests test;
        private readonly AdamWTensors shape;
        private readonly DeviceBuffer parameters, low, gradients, firstMoment, secondMoment, normAndClip;

        public DeviceTensors(AdamWTests test, AdamWTensors tensors)
        {
            (this.test, shape) = (test, tensors);
            parameters = Allocate(DataType.BFloat16);
            low = Allocate(DataType.Int16);
            gradients = Allocate(tensors.StateType);
            firstMoment = Allocate(tensors.StateType);
            secondMoment = Allocate(tensors.StateType);
            normAndClip = Allocate(DataType.Float32);
            var bits = tensors.Parameters.Select(BitConverter.SingleToUInt32Bits).ToArray();
            var carry = tensors.Mode == AdamWMode.Tiny ? 0u : 0x8000u;
            test.Backend.Upload<ushort>([.. bits.Select(value => (ushort)((value + carry) >> 16))], View(parameters));
            test.Backend.Upload<short>([.. bits.Select(value => (short)(value - (((value + carry) >> 16) << 16)))], View(low));
            UploadState(tensors.Gradients, gradients);
            UploadState(tensors.FirstMoment, firstMoment);
            UploadState(tensors.SecondMoment, secondMoment);
        }

        public void UploadGradients(float[] values) => UploadState(values, gradients);

        public AdamWArguments Bind(AdamWArguments arguments, long start, long length) => arguments with
        {
            Parameters = View(parameters).Slice(start, length),
            MasterLow = shape.Mode == AdamWMode.Tiny ? default : View(low).Slice(start, length),
            Gradients = View(gradients).Slice(start, length),
            FirstMoment = View(firstMoment).Slice(start, length),
            SecondMoment = View(secondMoment).Slice(start, length),
            NormAndClip = normAndClip.AsVector().Slice(0, 2),
        };

        public void Step(AdamWArguments arguments, float norm, float clip, long start = 0, long length = -1)
        {
            test.Backend.Upload<float>([norm, clip], normAndClip.AsVector());
            test.Backend.AdamWStep(Bind(arguments, start, length < 0 ? shape.Length : length));
        }

        /// <summary>What is there now; the margins must be what they were.</summary>
        public AdamWTensors Read()
        {
            var result = new AdamWTensors(shape.Mode, shape.Length);
            var high = Bits16(parameters);
            var lowHalf = Bits16(low);
            for (var i = 0; i < shape.Length; i++)
            {
                var bits = (uint)high[i] << 16;
                if (shape.Mode != AdamWMode.Tiny) bits += (uint)(short)lowHalf[i];
                result.Parameters[i] = BitConverter.UInt32BitsToSingle(bits);
            }

            ReadState(firstMoment, result.FirstMoment);
            ReadState(secondMoment, result.SecondMoment);
            return result;
        }

        public void Dispose()
        {
            foreach (var buffer in (DeviceBuffer[])[parameters, low, gradients, firstMoment, secondMoment, normAndClip]) buffer.Dispose();
        }

        private DeviceBuffer Allocate(DataType dataType) => test.AllocatePoisoned(dataType, shape.Length + (2 * Margin));

        private Vector View(DeviceBuffer buffer) => buffer.AsVector().Slice(Margin, shape.Length);

        private void UploadState(float[] values, DeviceBuffer buffer)
        {
            if (shape.IsReduced)
                test.Backend.Upload<ushort>([.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))], View(buffer));
            else
                test.Backend.Upload<float>(values, View(buffer));
        }

        private void ReadState(DeviceBuffer buffer, float[] values)
        {
            if (shape.IsReduced)
            {
                var bits = Bits16(buffer);
                for (var i = 0; i < values.Length; i++) values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
                return;
            }

            var all = new float[buffer.Length];
            test.Backend.Download(buffer.AsVector(), all);
            Assert.That(all[..Margin].Concat(all[^Margin..]), Is.All.NaN);
            all[Margin..^Margin].CopyTo(values, 0);
        }

        private ushort[] Bits16(DeviceBuffer buffer)
        {
            var all = new ushort[buffer.Length];
            test.Backend.Download(buffer.AsVector(), all);
            Assert.That(all[..Margin].Concat(all[^Margin..]), Is.All.EqualTo(0xFFFF));
            return all[Margin..^Margin];
        }
    }

    /// <summary>The CPU backend's fp32 AdamW on the same numbers.</summary>
    private sealed class CpuAdamW : IDisposable
    {
        private readonly CpuBackend backend;
        private readonly DeviceBuffer parameters, gradients, firstMoment, secondMoment, normAndClip;

        public CpuAdamW(CpuBackend backend, AdamWTensors tensors)
        {
            this.backend = backend;
            parameters = Allocate(tensors.Length);
            gradients = Allocate(tensors.Length);
            firstMoment = Allocate(tensors.Length);
            secondMoment = Allocate(tensors.Length);
            normAndClip = Allocate(2);
            backend.Upload<float>(tensors.Parameters, parameters.AsVector());
        }

        public void Step(float[] gradientValues, int step, float clip)
        {
            backend.Upload<float>(gradientValues, gradients.AsVector());
            backend.Upload<float>([2, clip], normAndClip.AsVector());
            backend.AdamWStep(Arguments(step) with
            {
                Parameters = parameters.AsVector(),
                Gradients = gradients.AsVector(),
                FirstMoment = firstMoment.AsVector(),
                SecondMoment = secondMoment.AsVector(),
                NormAndClip = normAndClip.AsVector(),
            });
        }

        public AdamWTensors Read(AdamWTensors shape)
        {
            var result = new AdamWTensors(shape.Mode, shape.Length);
            backend.Download(parameters.AsVector(), result.Parameters);
            backend.Download(firstMoment.AsVector(), result.FirstMoment);
            backend.Download(secondMoment.AsVector(), result.SecondMoment);
            return result;
        }

        public void Dispose()
        {
            foreach (var buffer in (DeviceBuffer[])[parameters, gradients, firstMoment, secondMoment, normAndClip]) buffer.Dispose();
        }

        private DeviceBuffer Allocate(int length) => backend.Allocate(DataType.Float32, length, MemoryCategory.Workspace, "operand");
    }
}
