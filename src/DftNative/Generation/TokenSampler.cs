using System.Numerics.Tensors;

namespace DftNative.Generation;

/// <summary>Draws a token from logits.</summary>
public static class TokenSampler
{
    /// <summary>The index of the largest logit, the first of equals.</summary>
    public static int ArgMax(ReadOnlySpan<float> logits) => TensorPrimitives.IndexOfMax(logits);

    /// <summary>Draws from softmax(logits / temperature) by inversion, summed in double in the order of the tokens.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="uniform">In [0, 1).</param>
    public static int Sample(ReadOnlySpan<float> logits, double temperature, double uniform)
    {
        var max = (double)TensorPrimitives.Max(logits);
        var total = 0.0;
        foreach (var logit in logits) total += Math.Exp((logit - max) / temperature);
        var threshold = uniform * total;
        var sum = 0.0;
        var last = 0;
        for (var token = 0; token < logits.Length; token++)
        {
            var weight = Math.Exp((logits[token] - max) / temperature);
            if (weight == 0) continue;
            sum += weight;
            last = token;
            if (sum > threshold) break;
        }

        return last;
    }
}
