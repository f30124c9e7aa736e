namespace DftNative.Cuda;

/// <summary>How <see cref="CublasLt"/> chooses algorithms.</summary>
/// <param name="Plans">Plans from before, by which a problem is computed as it was then; new ones by timing are added. Null: none.</param>
/// <param name="TunesNewProblems">Whether a problem without a stored plan is timed on its first use; else the first heuristic is taken.</param>
/// <param name="Warn">Told in a sentence when a stored plan cannot be used.</param>
public sealed record CublasLtOptions(CublasLtPlanStore? Plans = null, bool TunesNewProblems = false, Action<string>? Warn = null);
