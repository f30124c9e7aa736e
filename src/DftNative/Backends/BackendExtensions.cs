namespace DftNative.Backends;

/// <summary>Operations that are others in sequence.</summary>
internal static class BackendExtensions
{
    /// <summary>Backward of <see cref="IBackend.LinearForward"/>, its two halves.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="outputGradient">[T, out] compute type.</param>
    /// <param name="input">[T, in] compute type, as in forward.</param>
    /// <param name="weight">[out, in] compute type.</param>
    /// <param name="inputGradient">[T, in] compute type, written.</param>
    /// <param name="weightGradient">[out, in] gradient type, added to.</param>
    /// <param name="biasGradient">[out] gradient type, added to; empty without a bias.</param>
    public static void LinearBackward(
        this IBackend backend, Matrix outputGradient, Matrix input, Matrix weight, Matrix inputGradient, Matrix weightGradient, Vector biasGradient)
    {
        backend.LinearInputGradient(outputGradient, weight, inputGradient);
        backend.LinearWeightGradient(outputGradient, input, weightGradient, biasGradient);
    }
}
