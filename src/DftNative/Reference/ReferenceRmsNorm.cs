namespace DftNative.Reference;

/// <summary>RMSNorm in fp64 (Zhang and Sennrich 2019). A norm per head is the same function with a row for each head.</summary>
public static class ReferenceRmsNorm
{
    /// <summary>output[t, c] = x[t, c] / √(mean_c x[t, c]² + ε) · weight[c].</summary>
    /// <param name="x">[rows, channels], row-major.</param>
    /// <param name="weight">[channels].</param>
    /// <param name="epsilon">ε.</param>
    /// <returns>[rows, channels].</returns>
    public static double[] Forward(double[] x, double[] weight, double epsilon)
    {
        var channels = weight.Length;
        var output = new double[x.Length];
        for (var start = 0; start < x.Length; start += channels)
        {
            var rstd = ReciprocalRootMeanSquare(x, start, channels, epsilon);
            for (var c = 0; c < channels; c++) output[start + c] = x[start + c] * rstd * weight[c];
        }

        return output;
    }

    /// <summary>With n = x·rstd and g = outputGradient·weight: weightGradient += Σ_t outputGradient·n; returns rstd·(g − n·mean(g·n)).</summary>
    /// <param name="outputGradient">[rows, channels].</param>
    /// <param name="x">[rows, channels], as in forward.</param>
    /// <param name="weight">[channels].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="weightGradient">[channels], added to.</param>
    /// <returns>[rows, channels], the gradient of x.</returns>
    public static double[] Backward(double[] outputGradient, double[] x, double[] weight, double epsilon, double[] weightGradient)
    {
        var channels = weight.Length;
        var xGradient = new double[x.Length];
        for (var start = 0; start < x.Length; start += channels)
        {
            var rstd = ReciprocalRootMeanSquare(x, start, channels, epsilon);
            var mean = 0.0;
            for (var c = 0; c < channels; c++)
            {
                var normalized = x[start + c] * rstd;
                weightGradient[c] += outputGradient[start + c] * normalized;
                mean += outputGradient[start + c] * weight[c] * normalized / channels;
            }

            for (var c = 0; c < channels; c++)
                xGradient[start + c] = rstd * (outputGradient[start + c] * weight[c] - x[start + c] * rstd * mean);
        }

        return xGradient;
    }

    private static double ReciprocalRootMeanSquare(double[] x, int start, int channels, double epsilon)
    {
        var sumOfSquares = 0.0;
        for (var c = 0; c < channels; c++) sumOfSquares += x[start + c] * x[start + c];
        return 1 / Math.Sqrt(sumOfSquares / channels + epsilon);
    }
}
