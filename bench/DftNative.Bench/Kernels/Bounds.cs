using DftNative.Backends;

namespace DftNative.Bench.Kernels;

/// <summary>Where the bounds on errors come from.</summary>
internal static class Bounds
{
    /// <summary>An fp32 sum of thousands of products: a tensor core truncates where it adds, which is a few 2^-22 a step.</summary>
    public const double Sum = 1e-4;

    /// <summary>fp32 arithmetic with a sum over a row, or an exponential of 2 ulp.</summary>
    public const double Arithmetic = 1e-5;

    /// <summary>No element's relative error is above the unit roundoff times the roundings on its way, so neither is the norm's.</summary>
    public static double Rounded(DataType dataType, int roundings = 1) => Arithmetic + (roundings * UnitRoundoff(dataType));

    /// <summary>Half a unit in the last place of 1.</summary>
    private static double UnitRoundoff(DataType dataType) => Math.ScaleB(1, dataType == DataType.BFloat16 ? -8 : -24);
}
