using System.Runtime.InteropServices;

namespace DftNative.Tests.Cuda;

/// <summary>What the emulator counted of one kernel (native/cuda-emulator/counters.hpp).</summary>
[StructLayout(LayoutKind.Sequential)]
internal record struct EmulatorCounters
{
    public long Launches;
    public long Blocks;
    public long Threads;
    public long BlockBarriers;
    public long WarpCollectives;
    public long BytesReadStreaming;
    public long BytesReadReused;
    public long BytesWritten;
    public long SharedBytesRead;
    public long SharedBytesWritten;
    public long BytesReadAsync;
    public long MmaOperations;
    public long BankConflicts;
}
