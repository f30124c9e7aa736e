using DftNative.Models;

namespace DftNative.Reference;

/// <summary>Rotary position embedding in fp64 (Su et al. 2021), channels paired as transformers does: c with c + headDimension/2.</summary>
public static class ReferenceRotaryEmbedding
{
    /// <summary>Radians that each pair of channels turns by from one position to the next.</summary>
    /// <param name="headDimension">Channels of a head; even.</param>
    /// <param name="theta">The base.</param>
    /// <param name="scaling">How the frequencies are stretched.</param>
    /// <returns>[headDimension / 2].</returns>
    public static double[] Frequencies(int headDimension, double theta, RotaryScaling scaling)
    {
        var frequencies = new double[headDimension / 2];
        for (var c = 0; c < frequencies.Length; c++)
        {
            var frequency = Math.Pow(theta, -2.0 * c / headDimension);
            frequencies[c] = scaling switch
            {
                RotaryScaling.Default => frequency,
                RotaryScaling.Linear linear => frequency / linear.Factor,
                RotaryScaling.Llama3 llama3 => Stretch(frequency, llama3),
                _ => throw new ArgumentException($"The reference does not know the RoPE scaling {scaling.GetType().Name}.", nameof(scaling)),
            };
        }

        return frequencies;
    }

    /// <summary>Each head's pair (a, b) becomes (a·cos − b·sin, b·cos + a·sin) of the angle position·frequency.</summary>
    /// <param name="x">[tokens, heads·headDimension], row-major.</param>
    /// <param name="positions">[tokens].</param>
    /// <param name="frequencies">[headDimension / 2] radians a position.</param>
    /// <returns>[tokens, heads·headDimension].</returns>
    public static double[] Forward(double[] x, int[] positions, double[] frequencies) => Rotate(x, positions, frequencies, 1);

    /// <summary>The gradient of x: the opposite rotation of the output's gradient.</summary>
    /// <param name="outputGradient">[tokens, heads·headDimension].</param>
    /// <param name="positions">[tokens].</param>
    /// <param name="frequencies">[headDimension / 2].</param>
    /// <returns>[tokens, heads·headDimension].</returns>
    public static double[] Backward(double[] outputGradient, int[] positions, double[] frequencies) => Rotate(outputGradient, positions, frequencies, -1);

    /// <summary>Llama 3.1's rule: the share of the unstretched frequency rises linearly with the turns it makes within the original length.</summary>
    private static double Stretch(double frequency, RotaryScaling.Llama3 scaling)
    {
        var turns = scaling.OriginalMaxPositionEmbeddings * frequency / (2 * Math.PI);
        var kept = Math.Clamp((turns - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor), 0, 1);
        return kept * frequency + (1 - kept) * frequency / scaling.Factor;
    }

    private static double[] Rotate(double[] x, int[] positions, double[] frequencies, int direction)
    {
        int half = frequencies.Length, width = x.Length / positions.Length;
        var output = new double[x.Length];
        for (var t = 0; t < positions.Length; t++)
        {
            for (var c = 0; c < half; c++)
            {
                var (sin, cos) = Math.SinCos(direction * positions[t] * frequencies[c]);
                for (var head = t * width; head < (t + 1) * width; head += 2 * half)
                {
                    var (a, b) = (x[head + c], x[head + half + c]);
                    output[head + c] = a * cos - b * sin;
                    output[head + half + c] = b * cos + a * sin;
                }
            }
        }

        return output;
    }
}
