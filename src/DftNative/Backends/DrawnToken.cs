namespace DftNative.Backends;

/// <summary>A token that was drawn.</summary>
/// <param name="Token">The token.</param>
/// <param name="LogProbability">Its log p under the model's logits as they were; 0 unless the options keep it.</param>
public readonly record struct DrawnToken(int Token, float LogProbability);
