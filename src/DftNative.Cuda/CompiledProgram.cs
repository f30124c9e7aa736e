namespace DftNative.Cuda;

/// <summary>What NVRTC made of a program.</summary>
/// <param name="Image">The cubin, for <see cref="CudaModule"/>.</param>
/// <param name="Log">The compiler's messages: warnings, and what <c>--ptxas-options=-v</c> tells.</param>
public sealed record CompiledProgram(byte[] Image, string Log);
