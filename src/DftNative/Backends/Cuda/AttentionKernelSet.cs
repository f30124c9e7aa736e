namespace DftNative.Backends.Cuda;

/// <summary>A row of the table of attention kernels: what one kind of device uses for one width of a head.</summary>
/// <param name="LeastComputeCapability">Devices from this one on.</param>
/// <param name="HeadDimension">Heads of up to so many channels.</param>
/// <param name="Forward">Forward, a tile of queries a block.</param>
internal sealed record AttentionKernelSet(Version LeastComputeCapability, int HeadDimension, AttentionKernel Forward)
{
    /// <summary>The variants of the row.</summary>
    public IEnumerable<KernelVariant> Variants => [Forward.Variant];
}
