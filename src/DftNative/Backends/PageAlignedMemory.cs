using System.Runtime.InteropServices;

namespace DftNative.Backends;

/// <summary>Host memory outside the managed heap that begins at a page, not initialised: what a file system takes past its page cache.</summary>
internal sealed unsafe class PageAlignedMemory : IDisposable
{
    /// <summary>Bytes that the address, and what is written past the page cache, is a multiple of.</summary>
    public const int Alignment = 4096;

    private void* address;

    /// <summary>Allocates.</summary>
    public PageAlignedMemory(int length)
    {
        Length = length;
        address = NativeMemory.AlignedAlloc((nuint)length, Alignment);
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>The bytes, as long as this object lives.</summary>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(address is null, this);
            return new Span<byte>(address, Length);
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(address);
        address = null;
    }
}
