namespace DftNative.Models;

/// <summary>RoPE's angles as a table of cosines and sines.</summary>
public static class RotaryTable
{
    /// <summary>
    /// [positions, headDimension] fp32, row-major: headDimension/2 cosines of position·frequency, then as many sines;
    /// frequency c is θ^(−2c/headDimension), stretched as <see cref="ModelConfiguration.RopeScaling"/> says. Computed in
    /// double and rounded once.
    /// </summary>
    public static float[] Create(ModelConfiguration configuration, int positions)
    {
        var frequencies = Frequencies(configuration);
        var half = frequencies.Length;
        var table = new float[checked(positions * 2 * half)];
        for (var position = 0; position < positions; position++)
        {
            for (var c = 0; c < half; c++)
            {
                var (sin, cos) = Math.SinCos(position * frequencies[c]);
                table[(position * 2 * half) + c] = (float)cos;
                table[(position * 2 * half) + half + c] = (float)sin;
            }
        }

        return table;
    }

    /// <summary>[headDimension/2] radians a position.</summary>
    public static double[] Frequencies(ModelConfiguration configuration)
    {
        var frequencies = new double[configuration.HeadDimension / 2];
        for (var c = 0; c < frequencies.Length; c++)
            frequencies[c] = Stretch(Math.Pow(configuration.RopeTheta, -2.0 * c / configuration.HeadDimension), configuration.RopeScaling);
        return frequencies;
    }

    private static double Stretch(double frequency, RotaryScaling scaling)
    {
        switch (scaling)
        {
            case RotaryScaling.Linear linear:
                return frequency / linear.Factor;
            case RotaryScaling.Llama3 llama3:
                var wavelength = 2 * Math.PI / frequency;
                var original = (double)llama3.OriginalMaxPositionEmbeddings;
                if (wavelength < original / llama3.HighFrequencyFactor) return frequency;
                if (wavelength > original / llama3.LowFrequencyFactor) return frequency / llama3.Factor;
                var kept = ((original / wavelength) - llama3.LowFrequencyFactor) / (llama3.HighFrequencyFactor - llama3.LowFrequencyFactor);
                return ((1 - kept) * frequency / llama3.Factor) + (kept * frequency);
            default:
                return frequency;
        }
    }
}
