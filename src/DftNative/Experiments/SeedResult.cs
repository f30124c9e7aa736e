namespace DftNative.Experiments;

/// <summary>A finished run of a setting.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Result">What came of it.</param>
public sealed record SeedResult(long Seed, CellResult Result);
