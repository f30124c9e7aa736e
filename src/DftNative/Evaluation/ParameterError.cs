namespace DftNative.Evaluation;

/// <summary>A parameter's gradient on the device beside the reference's.</summary>
/// <param name="Name">The Hugging Face name.</param>
/// <param name="ReferenceNorm">‖r‖.</param>
/// <param name="RelativeError">‖g − r‖ / ‖r‖; ‖g‖ where r is 0.</param>
public sealed record ParameterError(string Name, double ReferenceNorm, double RelativeError);
