namespace DftNative.Cuda.Interop;

/// <summary>The numbers of a pool, each an unsigned 64-bit count of bytes (cuda.h 12.4).</summary>
public enum CUmemPool_attribute
{
    /// <summary>What the pool may keep of memory that is not in use when something waits for the device; initially 0.</summary>
    CU_MEMPOOL_ATTR_RELEASE_THRESHOLD = 4,

    /// <summary>What the pool has taken from the device.</summary>
    CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT = 5,

    /// <summary>The most that it had.</summary>
    CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH = 6,

    /// <summary>What of that is in use.</summary>
    CU_MEMPOOL_ATTR_USED_MEM_CURRENT = 7,

    /// <summary>The most that was.</summary>
    CU_MEMPOOL_ATTR_USED_MEM_HIGH = 8,
}
