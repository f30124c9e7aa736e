namespace DftNative.Cuda.Interop;

/// <summary>What <see cref="CudaDriver.cuDeviceGetAttribute"/> can be asked, as far as it is used here (cuda.h 12.4).</summary>
public enum CUdevice_attribute
{
    /// <summary>Threads of a block at most.</summary>
    CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,

    /// <summary>The number of SMs.</summary>
    CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,

    /// <summary>Bytes of the L2 cache.</summary>
    CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE = 38,

    /// <summary>8 in 8.6.</summary>
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,

    /// <summary>6 in 8.6.</summary>
    CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,

    /// <summary>Bytes of shared memory of an SM.</summary>
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR = 81,

    /// <summary>Bytes of shared memory that a block can opt into.</summary>
    CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,

    /// <summary>1 where memory pools work.</summary>
    CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED = 115,
}
