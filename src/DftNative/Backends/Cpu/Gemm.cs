namespace DftNative.Backends.Cpu;

/// <summary>A single-threaded row-major fp32 matrix product, called from several threads at once on tiles of one product.</summary>
internal abstract unsafe class Gemm
{
    /// <summary>The library or instruction set that does the work, for logs.</summary>
    public abstract string Description { get; }

    /// <summary>C = alpha · op(A) · op(B) + beta · C, where op(X) is X or Xᵀ. Where beta is 0, C is not read.</summary>
    /// <param name="transposeA">Whether A is stored [k, m] instead of [m, k].</param>
    /// <param name="transposeB">Whether B is stored [n, k] instead of [k, n].</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">The inner dimension.</param>
    /// <param name="alpha">Factor on the product.</param>
    /// <param name="a">A, fp32.</param>
    /// <param name="lda">Elements between rows of A as stored.</param>
    /// <param name="b">B, fp32.</param>
    /// <param name="ldb">Elements between rows of B as stored.</param>
    /// <param name="beta">Factor on C before.</param>
    /// <param name="c">C, fp32.</param>
    /// <param name="ldc">Elements between rows of C.</param>
    public abstract void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);
}
