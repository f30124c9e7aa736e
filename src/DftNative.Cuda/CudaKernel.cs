using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>A kernel of a loaded module. Its launches (in the other part) allocate nothing.</summary>
public sealed unsafe partial class CudaKernel
{
    /// <summary>The dynamic shared memory that every kernel may be launched with; more has to be asked for.</summary>
    private const int DefaultSharedMemoryInBytes = 48 << 10;

    private readonly CudaContext context;
    private readonly CUfunction function;
    private readonly int[]? parameterSizes;
    private int allowedSharedMemory = DefaultSharedMemoryInBytes;

    internal CudaKernel(CudaContext context, CUfunction function, string name)
    {
        this.context = context;
        this.function = function;
        Name = name;
        parameterSizes = GetParameterSizes(function);
    }

    /// <summary>The kernel's name in its source.</summary>
    public string Name { get; }

    /// <summary>The size of each parameter in bytes; null where the driver is too old (before 12.4) to tell.</summary>
    public IReadOnlyList<int>? ParameterSizesInBytes => parameterSizes;

    private static int[]? GetParameterSizes(CUfunction function)
    {
        try
        {
            var sizes = new List<int>();
            while (CudaDriver.cuFuncGetParamInfo(function, (nuint)sizes.Count, out _, out var size) == CUresult.CUDA_SUCCESS)
                sizes.Add((int)size);
            return [.. sizes];
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The driver cannot know what the launcher passes: a wrong count or size would be garbage in the kernel.</summary>
    private void CheckParameters(ReadOnlySpan<int> sizes)
    {
        if (parameterSizes is not null && !sizes.SequenceEqual(parameterSizes)) ThrowParameters(sizes);
    }

    private void ThrowParameters(ReadOnlySpan<int> sizes) => throw new ArgumentException(
        $"kernel {Name} takes parameters of {string.Join(", ", parameterSizes!)} bytes and was launched with " +
        string.Join(", ", sizes.ToArray()));

    private void Launch(in LaunchConfiguration configuration, void** parameters)
    {
        var grid = configuration.Grid;
        var block = configuration.Block;
        context.SetCurrent();
        if (configuration.SharedMemoryInBytes > allowedSharedMemory) AllowSharedMemory(configuration);
        CudaCheck.ThrowIfLaunchFailed(
            CudaDriver.cuLaunchKernel(
                function, grid.X, grid.Y, grid.Z, block.X, block.Y, block.Z, (uint)configuration.SharedMemoryInBytes,
                configuration.Stream.Handle, parameters, null),
            this, configuration);
    }

    /// <summary>Asks the driver once for what a launch needs above 48 KiB. It only ever grows.</summary>
    private void AllowSharedMemory(in LaunchConfiguration configuration)
    {
        var size = configuration.SharedMemoryInBytes;
        if (size > context.LargestSharedMemoryPerBlockInBytes)
        {
            throw new CudaException(
                $"kernel {Name} with {configuration}: a block of {context.DeviceName} has at most " +
                $"{context.LargestSharedMemoryPerBlockInBytes} bytes",
                CUresult.CUDA_ERROR_INVALID_VALUE);
        }

        CudaCheck.ThrowIfLaunchFailed(
            CudaDriver.cuFuncSetAttribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, size),
            this, configuration);
        allowedSharedMemory = size;
    }
}
