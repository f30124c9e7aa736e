using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>The one place where a native status becomes an exception. Success costs a comparison.</summary>
internal static unsafe class CudaCheck
{
    /// <summary>Throws unless the call succeeded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfFailed(CUresult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CUresult.CUDA_SUCCESS) Throw(result, call);
    }

    /// <summary>Throws unless the call succeeded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfFailed(nvrtcResult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != nvrtcResult.NVRTC_SUCCESS) Throw(result, call);
    }

    /// <summary>Throws unless the call succeeded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfFailed(cublasStatus_t result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != cublasStatus_t.CUBLAS_STATUS_SUCCESS) Throw(result, call);
    }

    /// <summary>Throws unless the product was queued.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfProductFailed(cublasStatus_t result, in CublasLtProblem problem)
    {
        if (result != cublasStatus_t.CUBLAS_STATUS_SUCCESS) ThrowProduct(result, problem);
    }

    /// <summary>In synchronous mode waits for a product, and throws where it faulted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EndProduct(CUstream stream, in CublasLtProblem problem)
    {
        if (SynchronousMode.IsOn && CudaDriver.cuStreamSynchronize(stream) is var result and not CUresult.CUDA_SUCCESS)
            throw new CudaException($"cublasLtMatmul of {problem} faulted: {Describe(result)}", result);
    }

    /// <summary>Throws unless asynchronous work was queued, and in synchronous mode unless it has run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfQueueingFailed(
        CUresult result, CUstream stream, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CUresult.CUDA_SUCCESS) Throw(result, call);
        if (SynchronousMode.IsOn) ThrowIfFailed(CudaDriver.cuStreamSynchronize(stream), call);
    }

    /// <summary>Throws unless memory was allocated.</summary>
    public static void ThrowIfAllocationFailed(CUresult result, long sizeInBytes)
    {
        if (result != CUresult.CUDA_SUCCESS)
            throw new CudaException($"allocating {sizeInBytes} bytes of device memory failed with {Describe(result)}{Origin(result)}", result);
    }

    /// <summary>Throws unless the launch was queued, and in synchronous mode unless it has run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ThrowIfLaunchFailed(CUresult result, CudaKernel kernel, in LaunchConfiguration configuration)
    {
        if (result != CUresult.CUDA_SUCCESS) ThrowLaunch(result, kernel, configuration);
        if (SynchronousMode.IsOn) EndLaunch(kernel, configuration);
    }

    /// <summary>
    /// Throws unless a release succeeded or the context was lost to a fault before: then every call fails, the fault has
    /// its exception already, and one more from a Dispose would only hide it.
    /// </summary>
    public static void ThrowIfReleaseFailed(CUresult result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result != CUresult.CUDA_SUCCESS && !IsContextLost(result)) Throw(result, call);
    }

    /// <summary>Throws unless a release succeeded or the library says that the device failed before: that has its exception already.</summary>
    public static void ThrowIfReleaseFailed(cublasStatus_t result, [CallerArgumentExpression(nameof(result))] string call = "")
    {
        if (result is not (cublasStatus_t.CUBLAS_STATUS_SUCCESS or cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED)) Throw(result, call);
    }

    /// <summary>The status's name, number and words, as the library tells them.</summary>
    public static string Describe(CUresult result)
    {
        var name = CudaDriver.cuGetErrorName(result, out var nameText) == CUresult.CUDA_SUCCESS ? Text(nameText) : "unknown status";
        var words = CudaDriver.cuGetErrorString(result, out var wordsText) == CUresult.CUDA_SUCCESS ? ": " + Text(wordsText) : "";
        return $"{name} ({(int)result}){words}";
    }

    /// <summary>The status's name, as the library tells it.</summary>
    public static string Describe(nvrtcResult result) => Text(Nvrtc.nvrtcGetErrorString(result));

    /// <summary>The status's name, number and words, as the library tells them.</summary>
    public static string Describe(cublasStatus_t result) =>
        $"{Text(CublasLtLibrary.cublasLtGetStatusName(result))} ({(int)result}): {Text(CublasLtLibrary.cublasLtGetStatusString(result))}";

    /// <summary>The sticky statuses of cuda.h: after one of them the context answers nothing else.</summary>
    public static bool IsContextLost(CUresult result) => result
        is CUresult.CUDA_ERROR_ILLEGAL_ADDRESS or CUresult.CUDA_ERROR_LAUNCH_TIMEOUT or CUresult.CUDA_ERROR_ASSERT
        or (>= CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR and <= CUresult.CUDA_ERROR_LAUNCH_FAILED);

    [DoesNotReturn]
    private static void Throw(CUresult result, string call) =>
        throw new CudaException($"{NameOf(call)} failed with {Describe(result)}{Origin(result)}", result);

    [DoesNotReturn]
    private static void Throw(nvrtcResult result, string call) =>
        throw new CudaException($"{NameOf(call)} failed with {Describe(result)}");

    [DoesNotReturn]
    private static void Throw(cublasStatus_t result, string call) =>
        throw new CudaException($"{NameOf(call)} failed with {Describe(result)}{Origin(result)}");

    [DoesNotReturn]
    private static void ThrowProduct(cublasStatus_t result, in CublasLtProblem problem) =>
        throw new CudaException($"cublasLtMatmul of {problem} failed with {Describe(result)}{Origin(result)}");

    [DoesNotReturn]
    private static void ThrowLaunch(CUresult result, CudaKernel kernel, in LaunchConfiguration configuration) =>
        throw new CudaException($"launching {kernel.Name} with {configuration} failed with {Describe(result)}{Origin(result)}", result);

    private static void EndLaunch(CudaKernel kernel, in LaunchConfiguration configuration)
    {
        var result = CudaDriver.cuStreamSynchronize(configuration.Stream.Handle);
        if (result != CUresult.CUDA_SUCCESS)
            throw new CudaException($"kernel {kernel.Name} with {configuration} faulted: {Describe(result)}", result);
    }

    /// <summary>A fault comes up in whatever call waits next, which is not to blame for it.</summary>
    private static string Origin(CUresult result) => IsContextLost(result) && !SynchronousMode.IsOn
        ? $"; the fault is of a kernel that was launched before: run with {SynchronousMode.Variable}=1 to learn which"
        : "";

    /// <summary>The library has one status for its own failure and for a kernel's before it.</summary>
    private static string Origin(cublasStatus_t result) => result == cublasStatus_t.CUBLAS_STATUS_EXECUTION_FAILED && !SynchronousMode.IsOn
        ? $"; the fault may be of a kernel that was launched before: run with {SynchronousMode.Variable}=1 to learn which"
        : "";

    /// <summary>"CudaDriver.cuMemFree_v2(address)" without class and arguments.</summary>
    private static string NameOf(string call)
    {
        var name = call.AsSpan(0, call.IndexOf('(') is var end and >= 0 ? end : call.Length);
        return name[(name.LastIndexOf('.') + 1)..].ToString();
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
