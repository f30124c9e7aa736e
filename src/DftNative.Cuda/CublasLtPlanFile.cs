namespace DftNative.Cuda;

/// <summary>The contents of a file of plans.</summary>
/// <param name="FormatVersion">1.</param>
/// <param name="Plans">The plans.</param>
internal sealed record CublasLtPlanFile(int FormatVersion, IReadOnlyList<CublasLtStoredPlan?> Plans);
