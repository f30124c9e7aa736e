namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>What a self-test found.</summary>
/// <param name="Device">The device in words.</param>
/// <param name="IsEmulated">Whether it is an imitation on the CPU, where C++ twins stand in for the instructions.</param>
/// <param name="Results">One a wrapper.</param>
public sealed record SelfTestReport(string Device, bool IsEmulated, IReadOnlyList<SelfTestResult> Results)
{
    /// <summary>Whether every wrapper did as the PTX manual says.</summary>
    public bool Passed => Results.All(result => result.Failure is null);
}
