using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>AdamW's operands as a test computes with them: fp32 masters and states, of which the device has the bits it can hold.</summary>
internal sealed class AdamWTensors(AdamWMode mode, int length)
{
    public AdamWMode Mode => mode;

    public int Length => length;

    /// <summary>The master: any fp32 number, or a bf16 one where there is no low half.</summary>
    public float[] Parameters { get; init; } = new float[length];

    public float[] Gradients { get; } = new float[length];

    public float[] FirstMoment { get; } = new float[length];

    public float[] SecondMoment { get; } = new float[length];

    /// <summary>Whether gradients and moments are bf16.</summary>
    public bool IsReduced => mode != AdamWMode.Exact;

    /// <summary>The type of gradients and moments.</summary>
    public DataType StateType => IsReduced ? DataType.BFloat16 : DataType.Float32;

    /// <summary>Random parameters and gradients, moments of zero.</summary>
    public static AdamWTensors Random(AdamWMode mode, int length, int seed)
    {
        var tensors = new AdamWTensors(mode, length);
        var random = new Random(seed);
        for (var i = 0; i < length; i++) tensors.Parameters[i] = mode == AdamWMode.Tiny ? BFloat16(Number()) : Number();
        tensors.SetGradients(seed);
        return tensors;

        float Number() => (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 2)));
    }

    /// <summary>Random gradients of many magnitudes.</summary>
    public void SetGradients(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Length; i++)
        {
            var gradient = (float)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-9, 1)));
            Gradients[i] = IsReduced ? BFloat16(gradient) : gradient;
        }
    }

    /// <summary>
    /// One update in plain C#, an element at a time, with IEEE operations in the order of kernels/adamw.cu's banner; what the
    /// device keeps in bf16 is rounded with the bits of <see cref="CounterRandom"/>.
    /// </summary>
    public void Step(in AdamWArguments a, float clip)
    {
        var decay = (float)(1 - ((double)a.LearningRate * a.WeightDecay));
        var stepSize = (float)(a.LearningRate / (1 - Math.Pow(a.Beta1, a.Step)));
        var correction = (float)Math.Sqrt(1 - Math.Pow(a.Beta2, a.Step));
        for (var i = 0; i < Length; i++)
        {
            var g = Gradients[i] * clip;
            var m = MathF.FusedMultiplyAdd(a.Beta1, FirstMoment[i], (1 - a.Beta1) * g);
            var v = MathF.FusedMultiplyAdd(a.Beta2, SecondMoment[i], (1 - a.Beta2) * g * g);
            var p = MathF.FusedMultiplyAdd(-stepSize, m / ((MathF.Sqrt(v) / correction) + a.Epsilon), Parameters[i] * decay);
            Parameters[i] = mode == AdamWMode.Tiny ? Round(p, 1, a, i) : p;
            FirstMoment[i] = IsReduced ? Round(m, 2, a, i) : m;
            SecondMoment[i] = IsReduced ? Round(v, 3, a, i) : v;
        }
    }

    /// <summary>bf16 by cutting off.</summary>
    public static float BFloat16(float value) => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000);

    private static float Round(float value, ulong stream, in AdamWArguments a, int i)
    {
        var index = (ulong)(a.ArenaOffset + i);
        var (x0, x1, x2, x3) = CounterRandom.Philox(a.Seed, index / 8, (stream << 32) | (uint)a.Step);
        var word = (index % 8 / 2) switch { 0 => x0, 1 => x1, 2 => x2, _ => x3 };
        var random = index % 2 == 0 ? word & 0xFFFF : word >> 16;
        return BFloat16(float.IsFinite(value) ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) + random) : value);
    }
}
