using System.Runtime.InteropServices;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <summary>Rows of a matrix as a kernel takes them: StridedRows of kernels/attention_tile.cuh.</summary>
/// <param name="Data">The first row.</param>
/// <param name="Stride">Elements from one row's begin to the next's.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct StridedPointer(CUdeviceptr Data, long Stride);
