namespace DftNative.Backends.Cpu;

/// <summary>The vector instructions a matrix product is made of, so that one source serves every vector width.</summary>
/// <typeparam name="TVector">The register's type.</typeparam>
internal unsafe interface IVectorOperations<TVector>
    where TVector : unmanaged
{
    /// <summary>Floats in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of C the microkernel holds in registers, three vectors each: 3 · rows + 4 registers in all. 8 or a divisor of it.</summary>
    static abstract int Rows { get; }

    /// <summary>Reads <see cref="Count"/> floats at any alignment.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Writes <see cref="Count"/> floats at any alignment.</summary>
    static abstract void Store(TVector value, float* destination);

    /// <summary>The value in every lane.</summary>
    static abstract TVector Broadcast(float value);

    /// <summary>left · right, lane by lane.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left · right + addend, lane by lane.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>Transposes a square of <see cref="Count"/> rows and columns.</summary>
    /// <param name="source">The square's first element.</param>
    /// <param name="stride">Floats between its rows.</param>
    /// <param name="destination">[Count, Count], written.</param>
    /// <param name="width">Floats between its rows.</param>
    static abstract void Transpose(float* source, nint stride, float* destination, nint width);
}
