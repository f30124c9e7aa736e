namespace DftNative.Cuda.Interop;

/// <summary>An address of device memory.</summary>
public readonly record struct CUdeviceptr(ulong Value)
{
    /// <summary>The address <paramref name="bytes"/> further.</summary>
    public static CUdeviceptr operator +(CUdeviceptr address, long bytes) => new(address.Value + (ulong)bytes);
}
