using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>
/// fp32 loops shared by the CPU's layers. Sixteen lanes wide; the JIT splits them on narrower machines, so the order of
/// every sum is the same on any machine.
/// </summary>
internal static unsafe class SimdMath
{
    /// <summary>Lanes of a vector.</summary>
    public const int Width = 16;

    /// <summary>
    /// e^x to 2 ulp: x = n·ln 2 + r with |r| ≤ ln 2 / 2 (ln 2 in two parts, Cody and Waite 1980), a polynomial in r, and
    /// 2^n added to the exponent. Below −87.33 (results not normal) 0; above 88.72 infinity; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        var n = Vector512.Floor(Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), Vector512.Create(0.5f)));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.FusedMultiplyAdd(Vector512.Create(1.9875691500e-4f), r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;

        // 2^n in two halves, since n = 128 has no exponent of its own though e^88.7 is finite.
        var whole = Vector512.ConvertToInt32(n);
        var half = whole >> 1;
        var scaled = p * PowerOfTwo(half) * PowerOfTwo(whole - half);
        scaled = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(-87.33f)), Vector512<float>.Zero, scaled);
        scaled = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(88.7228f)), Vector512.Create(float.PositiveInfinity), scaled);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), scaled, x);
    }

    /// <summary>σ(x) = 1/(1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The first <paramref name="count"/> values from <paramref name="source"/>, the other lanes <paramref name="fill"/>.</summary>
    public static Vector512<float> LoadPartial(float* source, int count, float fill = 0)
    {
        var values = stackalloc float[Width];
        for (var i = 0; i < Width; i++) values[i] = i < count ? source[i] : fill;
        return Vector512.Load(values);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    public static void StorePartial(Vector512<float> vector, float* destination, int count)
    {
        for (var i = 0; i < count; i++) destination[i] = vector[i];
    }

    /// <summary>Σ a[i]·b[i].</summary>
    public static float Dot(float* a, float* b, int count)
    {
        var sum0 = Vector512<float>.Zero;
        var sum1 = Vector512<float>.Zero;
        var i = 0;
        for (; i <= count - (2 * Width); i += 2 * Width)
        {
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i + Width), Vector512.Load(b + i + Width), sum1);
        }

        for (; i <= count - Width; i += Width) sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(a + i), Vector512.Load(b + i), sum0);
        if (i < count) sum1 = Vector512.FusedMultiplyAdd(LoadPartial(a + i, count - i), LoadPartial(b + i, count - i), sum1);
        return Vector512.Sum(sum0 + sum1);
    }

    /// <summary>y[i] += alpha·x[i].</summary>
    public static void AddScaled(float alpha, float* x, float* y, int count)
    {
        var factor = Vector512.Create(alpha);
        var i = 0;
        for (; i <= count - Width; i += Width) Vector512.FusedMultiplyAdd(factor, Vector512.Load(x + i), Vector512.Load(y + i)).Store(y + i);
        for (; i < count; i++) y[i] = MathF.FusedMultiplyAdd(alpha, x[i], y[i]);
    }

    /// <summary>y[i] += x[i].</summary>
    public static void Add(float* x, float* y, int count)
    {
        var i = 0;
        for (; i <= count - Width; i += Width) (Vector512.Load(x + i) + Vector512.Load(y + i)).Store(y + i);
        for (; i < count; i++) y[i] += x[i];
    }

    /// <summary>x[i] *= alpha.</summary>
    public static void Scale(float alpha, float* x, int count)
    {
        var factor = Vector512.Create(alpha);
        var i = 0;
        for (; i <= count - Width; i += Width) (factor * Vector512.Load(x + i)).Store(x + i);
        for (; i < count; i++) x[i] *= alpha;
    }

    /// <summary>y[i] = scale·p[i]·(y[i] − delta).</summary>
    public static void ScaledProductOfDifference(float* p, float* y, float delta, float scale, int count)
    {
        var (offset, factor) = (Vector512.Create(delta), Vector512.Create(scale));
        var i = 0;
        for (; i <= count - Width; i += Width) (factor * Vector512.Load(p + i) * (Vector512.Load(y + i) - offset)).Store(y + i);
        for (; i < count; i++) y[i] = scale * p[i] * (y[i] - delta);
    }

    /// <summary>The largest value; NaN if there is one.</summary>
    public static float Max(float* x, int count)
    {
        var max = Vector512.Create(float.NegativeInfinity);
        var i = 0;
        for (; i <= count - Width; i += Width) max = Vector512.Max(max, Vector512.Load(x + i));
        if (i < count) max = Vector512.Max(max, LoadPartial(x + i, count - i, float.NegativeInfinity));
        var result = max[0];
        for (var lane = 1; lane < Width; lane++) result = MathF.Max(result, max[lane]);
        return result;
    }

    /// <summary>x[i] = e^(scale·x[i] − shift) in place; returns the sum.</summary>
    public static float ExpInPlace(float* x, int count, float scale, float shift)
    {
        var (factor, offset, sum) = (Vector512.Create(scale), Vector512.Create(-shift), Vector512<float>.Zero);
        var i = 0;
        for (; i <= count - Width; i += Width)
        {
            var value = Exp(Vector512.FusedMultiplyAdd(Vector512.Load(x + i), factor, offset));
            value.Store(x + i);
            sum += value;
        }

        if (i < count)
        {
            // Lanes beyond the end become e^−∞ = 0.
            var value = Exp(Vector512.FusedMultiplyAdd(LoadPartial(x + i, count - i, scale >= 0 ? float.NegativeInfinity : float.PositiveInfinity), factor, offset));
            StorePartial(value, x + i, count - i);
            sum += value;
        }

        return Vector512.Sum(sum);
    }

    /// <summary>The entropy, in nats, of the softmax of x: ln s − m / s with s = Σ e^(x[i] − max) and m = Σ e^(x[i] − max)·(x[i] − max), of which nothing cancels.</summary>
    public static float Entropy(float* x, int count, float max)
    {
        var (shift, sum, moment) = (Vector512.Create(max), Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < count; i += Width)
        {
            var distance = (i <= count - Width ? Vector512.Load(x + i) : LoadPartial(x + i, count - i, float.NegativeInfinity)) - shift;
            var power = Exp(distance);
            sum += power;
            // 0 times −∞ would be NaN.
            moment = Vector512.ConditionalSelect(Vector512.Equals(power, Vector512<float>.Zero), moment, Vector512.FusedMultiplyAdd(power, distance, moment));
        }

        var total = Vector512.Sum(sum);
        return MathF.Log(total) - (Vector512.Sum(moment) / total);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> exponent) => ((exponent + Vector512.Create(127)) << 23).AsSingle();
}
