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

    internal static void AddContext(int change) => Interlocked.Add(ref contexts, change);

    internal static void AddStream(int change) => Interlocked.Add(ref streams, change);

    internal static void AddModule(int change) => Interlocked.Add(ref modules, change);

    internal static void AddAllocation(int change, long bytes)
    {
        Interlocked.Add(ref allocations, change);
        Interlocked.Add(ref allocatedBytes, bytes);
    }

    internal static void AddCublasLtObject(int change) => Interlocked.Add(ref cublasLtObjects, change);
}
