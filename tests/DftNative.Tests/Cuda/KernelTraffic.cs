using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>One launch of a kernel whose bytes are counted.</summary>
/// <param name="Kernel">The variant.</param>
/// <param name="Launch">What launches it, once.</param>
/// <param name="Shape">The numbers that its banner's formulas name; grid, block and what specialises the kernel are known.</param>
internal sealed record KernelTraffic(KernelVariant Kernel, Action Launch, params (string Name, double Value)[] Shape)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kernel} {string.Join(", ", Shape.Select(number => $"{number.Name} {number.Value}"))}";
}
