using System.Runtime.CompilerServices;

namespace DftNative.Backends.Cpu;

/// <summary>One row of the block of C a <see cref="GemmKernel{TOperations,TVector}"/> holds in registers: up to three vectors.</summary>
internal readonly struct GemmKernelRow<TOperations, TVector>(TVector first, TVector second, TVector third)
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : unmanaged
{
    private readonly TVector _first = first;
    private readonly TVector _second = second;
    private readonly TVector _third = third;

    /// <summary>This row plus one vector of A times up to three of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GemmKernelRow<TOperations, TVector> Add<TColumns>(TVector a, TVector b0, TVector b1, TVector b2)
        where TColumns : struct, IConstant
    {
        return new GemmKernelRow<TOperations, TVector>(
            TOperations.MultiplyAdd(a, b0, _first),
            TColumns.Value > 1 ? TOperations.MultiplyAdd(a, b1, _second) : default,
            TColumns.Value > 2 ? TOperations.MultiplyAdd(a, b2, _third) : default);
    }

    /// <summary>Writes alpha · this + beta · C to a row of C; where beta is 0, C is not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store<TColumns>(float alpha, float beta, float* c)
        where TColumns : struct, IConstant
    {
        Store(_first, alpha, beta, c);
        if (TColumns.Value > 1)
            Store(_second, alpha, beta, c + TOperations.Count);
        if (TColumns.Value > 2)
            Store(_third, alpha, beta, c + (2 * TOperations.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Store(TVector sum, float alpha, float beta, float* c)
    {
        TVector scaled = TOperations.Multiply(sum, TOperations.Broadcast(alpha));
        TOperations.Store(beta == 0 ? scaled : TOperations.MultiplyAdd(TOperations.Broadcast(beta), TOperations.Load(c), scaled), c);
    }
}
