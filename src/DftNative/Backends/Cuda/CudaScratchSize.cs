namespace DftNative.Backends.Cuda;

/// <summary>How much scratch memory of a kind passes of some shape take.</summary>
/// <param name="Kind">What for.</param>
/// <param name="Length">Elements.</param>
internal readonly record struct CudaScratchSize(CudaScratchKind Kind, long Length)
{
    /// <summary>Bytes of the elements.</summary>
    public long SizeInBytes => Length * Kind.DataType.SizeInBytes();
}
