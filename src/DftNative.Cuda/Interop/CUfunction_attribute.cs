namespace DftNative.Cuda.Interop;

/// <summary>What <see cref="CudaDriver.cuFuncGetAttribute"/> can be asked, as far as it is used here (cuda.h 12.4).</summary>
public enum CUfunction_attribute
{
    /// <summary>Threads of a block at most, by the kernel's registers and its launch bounds.</summary>
    CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,

    /// <summary>Bytes of static shared memory.</summary>
    CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,

    /// <summary>Bytes of local memory (stack and spills) of a thread.</summary>
    CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES = 3,

    /// <summary>Registers of a thread.</summary>
    CU_FUNC_ATTRIBUTE_NUM_REGS = 4,

    /// <summary>Bytes of dynamic shared memory that a launch may ask for; can be set, up to the device's opt-in limit.</summary>
    CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
}
