namespace DftNative.Training;

/// <summary>What the passes and the update of one optimizer step did.</summary>
/// <param name="TokenCount">Tokens of the rows.</param>
/// <param name="PaddedTokenCount">Rows given to the device, padding included.</param>
/// <param name="GradientNorm">Before clipping; null where there was no update to make, NaN where the loss was not finite.</param>
/// <param name="IsSkipped">Whether the update was left out because a number was not finite.</param>
internal readonly record struct StepResult(long TokenCount, long PaddedTokenCount, double? GradientNorm, bool IsSkipped);
