namespace DftNative.Evaluation;

/// <summary>A parameter's gradient on the device beside the reference's.</summary>
/// <param name="Name">The Hugging Face name.</param>
/// <param name="ReferenceNorm">‖r‖.</param>
/// <param name="RelativeError">‖g − r‖ / ‖r‖; ‖g‖ where r is 0, and relative to 1e-30 where ‖r‖ is smaller.</param>
public sealed record ParameterError(string Name, double ReferenceNorm, double RelativeError);
