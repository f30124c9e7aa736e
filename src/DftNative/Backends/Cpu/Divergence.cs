using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>KL(π_ref ‖ π_θ) of one row, and its gradient in the logits of π_θ, which is π_θ − π_ref.</summary>
internal readonly unsafe struct Divergence
{
    private readonly float* powers;
    private readonly float* referencePowers;
    private readonly int count;
    private readonly float referenceSum;

    /// <summary>Evaluates a row; replaces both rows of logits by e^(logit − their maximum).</summary>
    /// <param name="logits">[count] of π_θ.</param>
    /// <param name="referenceLogits">[count] of π_ref.</param>
    /// <param name="count">The vocabulary.</param>
    /// <param name="max">The largest of <paramref name="logits"/>.</param>
    public Divergence(float* logits, float* referenceLogits, int count, float max)
    {
        powers = logits;
        referencePowers = referenceLogits;
        this.count = count;
        var referenceMax = SimdMath.Max(referenceLogits, count);

        // Σ e^(r − max r)·((r − max r) − (z − max z)): differences of equal logits are 0, so a model has no distance from itself.
        var (sum, other, moment) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < count; i += SimdMath.Width)
        {
            var left = Math.Min(SimdMath.Width, count - i);
            var z = Load(logits + i, left) - Vector512.Create(max);
            var r = Load(referenceLogits + i, left) - Vector512.Create(referenceMax);
            var (power, referencePower) = (SimdMath.Exp(z), SimdMath.Exp(r));

            // Beyond the end both are −∞, and 0·(−∞ + ∞) is no number.
            var difference = Vector512.ConditionalSelect(Vector512.Equals(referencePower, Vector512<float>.Zero), Vector512<float>.Zero, r - z);
            sum += power;
            other += referencePower;
            moment = Vector512.FusedMultiplyAdd(referencePower, difference, moment);
            Store(power, logits + i, left);
            Store(referencePower, referenceLogits + i, left);
        }

        (Sum, referenceSum) = (Vector512.Sum(sum), Vector512.Sum(other));
        Value = (Vector512.Sum(moment) / referenceSum) - (MathF.Log(referenceSum) - MathF.Log(Sum));
    }

    /// <summary>Σ e^(z − max z).</summary>
    public float Sum { get; }

    /// <summary>KL(π_ref ‖ π_θ) = Σ π_ref·(ln π_ref − ln π_θ), in nats.</summary>
    public float Value { get; }

    /// <summary>Replaces the powers of π_θ by <c>scale·π_θ + divergenceScale·(π_θ − π_ref)</c>.</summary>
    /// <returns>divergenceScale·(π_θ − π_ref) of the target.</returns>
    public float ReplaceByGradients(float scale, float divergenceScale, int target)
    {
        var (inverse, referenceInverse) = (1 / Sum, 1 / referenceSum);
        var result = divergenceScale * ((powers[target] * inverse) - (referencePowers[target] * referenceInverse));
        for (var i = 0; i < count; i += SimdMath.Width)
        {
            var left = Math.Min(SimdMath.Width, count - i);
            var p = Load(powers + i, left) * inverse;
            var difference = p - (Load(referencePowers + i, left) * referenceInverse);
            Store((p * scale) + (difference * divergenceScale), powers + i, left);
        }

        return result;
    }

    private static Vector512<float> Load(float* source, int count) =>
        count == SimdMath.Width ? Vector512.Load(source) : SimdMath.LoadPartial(source, count, float.NegativeInfinity);

    private static void Store(Vector512<float> vector, float* destination, int count)
    {
        if (count == SimdMath.Width) vector.Store(destination);
        else SimdMath.StorePartial(vector, destination, count);
    }
}
