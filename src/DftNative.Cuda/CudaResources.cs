namespace DftNative.Cuda;

/// <summary>How many owned objects of each kind are alive in this process: tests assert that nothing leaks.</summary>
public static class CudaResources
{
    private static int contexts;
    private static int streams;
    private static int modules;
    private static int allocations;
    private static long allocatedBytes;
    private static int cublasLtObjects;
    private static int events;
    private static int memoryPools;
    private static int pageLockedAllocations;

    /// <summary>References to primary contexts.</summary>
    public static int Contexts => Volatile.Read(ref contexts);

    /// <summary>Streams.</summary>
    public static int Streams => Volatile.Read(ref streams);

    /// <summary>Loaded modules.</summary>
    public static int Modules => Volatile.Read(ref modules);

    /// <summary>Allocations of device memory.</summary>
    public static int Allocations => Volatile.Read(ref allocations);

    /// <summary>Bytes of those allocations.</summary>
    public static long AllocatedBytes => Interlocked.Read(ref allocatedBytes);

    /// <summary>Handles, plans and preferences of cuBLASLt.</summary>
    public static int CublasLtObjects => Volatile.Read(ref cublasLtObjects);

    /// <summary>Events.</summary>
    public static int Events => Volatile.Read(ref events);

    /// <summary>Pools of device memory.</summary>
    public static int MemoryPools => Volatile.Read(ref memoryPools);

    /// <summary>Allocations of page-locked host memory.</summary>
    public static int PageLockedAllocations => Volatile.Read(ref pageLockedAllocations);

    /// <summary>All of them together.</summary>
    public static int Total =>
        Contexts + Streams + Modules + Allocations + CublasLtObjects + Events + MemoryPools + PageLockedAllocations;

    internal static void AddContext(int change) => Interlocked.Add(ref contexts, change);

    internal static void AddStream(int change) => Interlocked.Add(ref streams, change);

    internal static void AddModule(int change) => Interlocked.Add(ref modules, change);

    internal static void AddAllocation(int change, long bytes)
    {
        Interlocked.Add(ref allocations, change);
        Interlocked.Add(ref allocatedBytes, bytes);
    }

    internal static void AddEvent(int change) => Interlocked.Add(ref events, change);

    internal static void AddMemoryPool(int change) => Interlocked.Add(ref memoryPools, change);

    internal static void AddPageLockedAllocation(int change) => Interlocked.Add(ref pageLockedAllocations, change);

    internal static void AddCublasLtObject(int change) => Interlocked.Add(ref cublasLtObjects, change);
}
