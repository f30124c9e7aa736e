using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>Scratch memory that grows to the largest size asked for and then stays, so that steps after the first allocate nothing.</summary>
internal sealed unsafe class WorkerScratch : IDisposable
{
    private float* pointer;
    private long capacity;

    /// <summary>At least <paramref name="length"/> fp32 of unknown content, 64-byte aligned; valid until the next call.</summary>
    public float* Floats(long length)
    {
        if (length > capacity)
        {
            Dispose();
            pointer = (float*)NativeMemory.AlignedAlloc((nuint)(length * sizeof(float)), 64);
            capacity = length;
        }

        return pointer;
    }

    public void Dispose()
    {
        if (pointer is not null) NativeMemory.AlignedFree(pointer);
        pointer = null;
        capacity = 0;
    }
}
