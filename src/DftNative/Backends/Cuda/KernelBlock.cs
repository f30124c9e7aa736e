namespace DftNative.Backends.Cuda;

/// <summary>What a block of a kernel takes of a multiprocessor besides registers.</summary>
/// <param name="Threads">Threads.</param>
/// <param name="SharedMemoryInBytes">Dynamic shared memory.</param>
internal readonly record struct KernelBlock(int Threads, int SharedMemoryInBytes);
