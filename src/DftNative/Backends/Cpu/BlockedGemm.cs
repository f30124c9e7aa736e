namespace DftNative.Backends.Cpu;

/// <summary>The loops around the microkernel, for one kind of vector.</summary>
internal static unsafe class BlockedGemm<TOperations, TVector>
    where TOperations : struct, IVectorOperations<TVector>
    where TVector : unmanaged
{
    private const int PanelRows = GemmKernel<TOperations, TVector>.AStride;

    private static int PanelWidth => 3 * TOperations.Count;

    // The last panel's width is rounded up to whole vectors, within NBlock.
    private static int NBlock => GemmWorkspace.NBlock / PanelWidth * PanelWidth;

    /// <inheritdoc cref="Gemm.Multiply"/>
    public static void Multiply(
        bool transposeA, bool transposeB, int m, int n, int k, float alpha, float* a, nint lda, float* b, nint ldb, float beta, float* c, nint ldc)
    {
        GemmWorkspace workspace = GemmWorkspace.Current;
        for (int column = 0; column < n; column += NBlock)
        {
            int columns = Math.Min(NBlock, n - column);
            for (int step = 0; step < k; step += GemmWorkspace.KBlock)
            {
                int steps = Math.Min(GemmWorkspace.KBlock, k - step);
                PackB(transposeB, b + (transposeB ? (column * ldb) + step : (step * ldb) + column), ldb, steps, columns, workspace.B);
                float blockBeta = step == 0 ? beta : 1;
                for (int row = 0; row < m; row += PanelRows)
                {
                    int rows = Math.Min(PanelRows, m - row);
                    if (transposeA)
                        GemmPacking.Copy(a + (step * lda) + row, lda, steps, rows, workspace.A, PanelRows);
                    else
                        GemmPacking.Transpose(a + (row * lda) + step, lda, steps, rows, workspace.A, PanelRows);
                    MultiplyPanels(rows, columns, steps, alpha, blockBeta, c + (row * ldc) + column, ldc, workspace);
                }
            }
        }
    }

    private static void PackB(bool transposeB, float* b, nint ldb, int k, int columns, float* packed)
    {
        for (int column = 0; column < columns; column += PanelWidth)
        {
            int count = Math.Min(PanelWidth, columns - column);
            int width = VectorsFor(count) * TOperations.Count;
            if (transposeB)
                GemmPacking.Transpose(b + (column * ldb), ldb, k, count, packed, width);
            else
                GemmPacking.Copy(b + column, ldb, k, count, packed, width);
            packed += (nint)k * width;
        }
    }

    private static void MultiplyPanels(int rows, int columns, int k, float alpha, float beta, float* c, nint ldc, GemmWorkspace workspace)
    {
        float* b = workspace.B;
        for (int column = 0; column < columns; column += PanelWidth)
        {
            int count = Math.Min(PanelWidth, columns - column);
            int vectors = VectorsFor(count);
            int width = vectors * TOperations.Count;
            if (count == width)
                MultiplyPanel(rows, vectors, k, workspace.A, b, alpha, beta, c + column, ldc);
            else
                MultiplyEdge(rows, count, vectors, k, b, alpha, beta, c + column, ldc, workspace);
            b += (nint)k * width;
        }
    }

    private static void MultiplyPanel(int rows, int vectors, int k, float* a, float* b, float alpha, float beta, float* c, nint ldc)
    {
        for (int row = 0; row < rows; row += TOperations.Rows)
        {
            GemmKernel<TOperations, TVector>.Multiply(
                Math.Min(TOperations.Rows, rows - row), vectors, k, a + row, b, vectors * TOperations.Count, alpha, beta, c + (row * ldc), ldc);
        }
    }

    /// <summary>A block at the right edge is computed beside C, since its vectors reach past the row.</summary>
    private static void MultiplyEdge(
        int rows, int columns, int vectors, int k, float* b, float alpha, float beta, float* c, nint ldc, GemmWorkspace workspace)
    {
        int width = vectors * TOperations.Count;
        if (beta != 0)
            GemmPacking.Copy(c, ldc, rows, columns, workspace.C, width);
        MultiplyPanel(rows, vectors, k, workspace.A, b, alpha, beta, workspace.C, width);
        for (int row = 0; row < rows; row++)
            new ReadOnlySpan<float>(workspace.C + (row * width), columns).CopyTo(new Span<float>(c + (row * ldc), columns));
    }

    private static int VectorsFor(int count) => (count + TOperations.Count - 1) / TOperations.Count;
}
