namespace DftNative.Reference;

/// <summary>y = x·Wᵀ + b in fp64.</summary>
public static class ReferenceLinear
{
    /// <summary>Rows whose input gradients are made in one pass over the weight, so that a large weight is not streamed once a row.</summary>
    private const int RowsPerPass = 8;

    /// <summary>output[t, o] = Σ_i input[t, i]·weight[o, i] + bias[o].</summary>
    /// <param name="input">[rows, in], row-major.</param>
    /// <param name="weight">[out, in], row-major.</param>
    /// <param name="bias">[out], or null.</param>
    /// <param name="inputSize">in.</param>
    /// <returns>[rows, out].</returns>
    public static double[] Forward(double[] input, double[] weight, double[]? bias, int inputSize)
    {
        int rows = input.Length / inputSize, outputSize = weight.Length / inputSize;
        var output = new double[rows * outputSize];
        ReferenceMath.ForEach(outputSize, input.Length, o =>
        {
            for (var t = 0; t < rows; t++)
            {
                output[t * outputSize + o] = (bias?[o] ?? 0)
                    + ReferenceMath.Dot(input.AsSpan(t * inputSize, inputSize), weight.AsSpan(o * inputSize, inputSize));
            }
        });
        return output;
    }

    /// <summary>weightGradient += outputGradientᵀ·input; biasGradient += Σ_t outputGradient[t]; returns outputGradient·weight.</summary>
    /// <param name="outputGradient">[rows, out].</param>
    /// <param name="input">[rows, in], as in forward.</param>
    /// <param name="weight">[out, in].</param>
    /// <param name="inputSize">in.</param>
    /// <param name="weightGradient">[out, in], added to.</param>
    /// <param name="biasGradient">[out], added to; null without a bias.</param>
    /// <returns>[rows, in], the gradient of the input.</returns>
    public static double[] Backward(
        double[] outputGradient, double[] input, double[] weight, int inputSize, double[] weightGradient, double[]? biasGradient)
    {
        int rows = input.Length / inputSize, outputSize = weight.Length / inputSize;
        ReferenceMath.ForEach(outputSize, input.Length, o =>
        {
            for (var t = 0; t < rows; t++)
            {
                var gradient = outputGradient[t * outputSize + o];
                ReferenceMath.AddScaled(gradient, input.AsSpan(t * inputSize, inputSize), weightGradient.AsSpan(o * inputSize, inputSize));
                if (biasGradient is not null) biasGradient[o] += gradient;
            }
        });

        var inputGradient = new double[input.Length];
        ReferenceMath.ForEach((rows + RowsPerPass - 1) / RowsPerPass, (long)weight.Length * RowsPerPass, pass =>
        {
            for (var o = 0; o < outputSize; o++)
            {
                for (var t = pass * RowsPerPass; t < Math.Min(rows, (pass + 1) * RowsPerPass); t++)
                {
                    ReferenceMath.AddScaled(
                        outputGradient[t * outputSize + o], weight.AsSpan(o * inputSize, inputSize), inputGradient.AsSpan(t * inputSize, inputSize));
                }
            }
        });
        return inputGradient;
    }
}
