using System.Numerics;
using System.Runtime.CompilerServices;
using VectorMath = System.Numerics.Vector;

namespace DftNative.Backends.Cpu;

/// <summary>The widest vectors the runtime offers short of AVX-512: AVX2 with FMA (16 registers of 8 floats), NEON, SSE2 or plain floats.</summary>
internal readonly unsafe struct VectorOperations : IVectorOperations<Vector<float>>
{
    /// <inheritdoc/>
    public static int Count => Vector<float>.Count;

    /// <inheritdoc/>
    public static int Rows => 4;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Load(float* source) => VectorMath.Load(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector<float> value, float* destination) => value.Store(destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Broadcast(float value) => new(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Multiply(Vector<float> left, Vector<float> right) => left * right;

    /// <inheritdoc/>
    /// <remarks>Fused where the processor can; elsewhere two operations rather than a slow emulation.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> MultiplyAdd(Vector<float> left, Vector<float> right, Vector<float> addend) =>
        VectorMath.MultiplyAddEstimate(left, right, addend);

    /// <inheritdoc/>
    public static void Transpose(float* source, nint stride, float* destination, nint width) => GemmPacking.Transpose(source, stride, Count, Count, destination, (int)width);
}
