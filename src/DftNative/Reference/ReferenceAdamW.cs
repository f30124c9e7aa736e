namespace DftNative.Reference;

/// <summary>AdamW with decoupled decay (Loshchilov and Hutter 2019) and clipping by the global norm, in fp64, in PyTorch's order of operations.</summary>
public static class ReferenceAdamW
{
    /// <summary>Multiplies all gradients by min(1, maxNorm / (norm + 1e-6)), norm being the root of the sum of all squares.</summary>
    /// <param name="gradients">Every parameter's gradient, scaled in place.</param>
    /// <param name="maxNorm">The norm to clip to; 0: no clipping.</param>
    /// <returns>The norm before clipping.</returns>
    public static double ClipByGlobalNorm(IReadOnlyCollection<double[]> gradients, double maxNorm)
    {
        var sumOfSquares = 0.0;
        foreach (var gradient in gradients)
            foreach (var value in gradient) sumOfSquares += value * value;
        var norm = Math.Sqrt(sumOfSquares);
        var factor = maxNorm == 0 ? 1 : Math.Min(1, maxNorm / (norm + 1e-6));
        foreach (var gradient in gradients)
            for (var i = 0; i < gradient.Length; i++) gradient[i] *= factor;
        return norm;
    }

    /// <summary>
    /// p ← p·(1 − lr·λ); m ← β₁m + (1−β₁)g; v ← β₂v + (1−β₂)g²; p ← p − lr·m̂ / (√v̂ + ε), m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ).
    /// </summary>
    /// <param name="parameter">[n], updated.</param>
    /// <param name="gradient">[n].</param>
    /// <param name="firstMoment">[n] m, updated.</param>
    /// <param name="secondMoment">[n] v, updated.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="learningRate">lr.</param>
    /// <param name="beta1">β₁.</param>
    /// <param name="beta2">β₂.</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="weightDecay">λ.</param>
    public static void Step(
        double[] parameter, double[] gradient, double[] firstMoment, double[] secondMoment,
        int step, double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    {
        for (var i = 0; i < parameter.Length; i++)
        {
            firstMoment[i] = beta1 * firstMoment[i] + (1 - beta1) * gradient[i];
            secondMoment[i] = beta2 * secondMoment[i] + (1 - beta2) * gradient[i] * gradient[i];
            var meanGradient = firstMoment[i] / (1 - Math.Pow(beta1, step));
            var meanSquare = secondMoment[i] / (1 - Math.Pow(beta2, step));
            parameter[i] = parameter[i] * (1 - learningRate * weightDecay) - learningRate * meanGradient / (Math.Sqrt(meanSquare) + epsilon);
        }
    }
}
