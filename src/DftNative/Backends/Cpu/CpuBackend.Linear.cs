namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void LinearForward(Matrix input, Matrix weight, Vector bias, Matrix output)
    {
        RequireShape(output, input.Rows, weight.Rows, nameof(output));
        RequireShape(weight, weight.Rows, input.Columns, nameof(weight));
        Multiply(false, true, input.Rows, weight.Rows, input.Columns, Floats(input), input.RowStride, Floats(weight), weight.RowStride, 0, Floats(output), output.RowStride);
        if (bias.IsEmpty) return;
        RequireLength(bias, weight.Rows, nameof(bias));
        var job = new AddBiasJob(Floats(output), output.RowStride, Floats(bias), output.Rows, output.Columns);
        pool.Run(in job, Tiles(output.Rows, AddBiasJob.TileRows));
    }

    /// <inheritdoc/>
    public void LinearInputGradient(Matrix outputGradient, Matrix weight, Matrix inputGradient)
    {
        int rows = outputGradient.Rows, outputs = weight.Rows, inputs = weight.Columns;
        RequireShape(outputGradient, rows, outputs, nameof(outputGradient));
        RequireShape(inputGradient, rows, inputs, nameof(inputGradient));
        Multiply(false, false, rows, inputs, outputs, Floats(outputGradient), outputGradient.RowStride, Floats(weight), weight.RowStride, 0, Floats(inputGradient), inputGradient.RowStride);
    }

    /// <inheritdoc/>
    public void LinearWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient, Vector biasGradient)
    {
        int rows = outputGradient.Rows, outputs = outputGradient.Columns, inputs = input.Columns;
        RequireShape(input, rows, inputs, nameof(input));
        RequireShape(weightGradient, outputs, inputs, nameof(weightGradient));
        var gradient = Floats(outputGradient);
        Multiply(true, false, outputs, inputs, rows, gradient, outputGradient.RowStride, Floats(input), input.RowStride, 1, Floats(weightGradient), weightGradient.RowStride);
        if (biasGradient.IsEmpty) return;
        RequireLength(biasGradient, outputs, nameof(biasGradient));
        var job = new BiasGradientJob(gradient, outputGradient.RowStride, Floats(biasGradient), rows, outputs);
        pool.Run(in job, Tiles(outputs, BiasGradientJob.TileColumns));
    }

    /// <summary>C = op(A)·op(B) + beta·C, in tiles of C that depend on its shape alone.</summary>
    private void Multiply(bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        if (m == 0 || n == 0) return;
        var job = new GemmJob(gemm, pool.WorkerCount, transposeA, transposeB, m, n, k, a, lda, b, ldb, beta, c, ldc);
        pool.Run(in job, job.TileCount);
    }

    private readonly struct GemmJob : ITileJob
    {
        private const int MaxEdge = 512;

        // Few rows, as in decoding, read B once and pack nothing: the longer a thread reads on, the better memory keeps up.
        private const int FewRows = 16;

        private readonly Gemm gemm;
        private readonly bool transposeA, transposeB;
        private readonly int m, n, k, lda, ldb, ldc, tileM, tileN, tilesN;
        private readonly float* a, b, c;
        private readonly float beta;

        public GemmJob(Gemm gemm, int workerCount, bool transposeA, bool transposeB, int m, int n, int k, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
        {
            (this.gemm, this.transposeA, this.transposeB, this.m, this.n, this.k) = (gemm, transposeA, transposeB, m, n, k);
            this.a = a;
            this.b = b;
            this.c = c;
            (this.lda, this.ldb, this.ldc, this.beta) = (lda, ldb, ldc, beta);
            tileM = TileSize(m, MaxEdge);
            tileN = TileSize(n, m <= FewRows ? Math.Min(Tiles(n, workerCount), MaxEdge) : MaxEdge);
            tilesN = Tiles(n, tileN);
        }

        public int TileCount => Tiles(m, tileM) * tilesN;

        public void Execute(int tile, int worker)
        {
            long row = tile / tilesN * (long)tileM, column = tile % tilesN * (long)tileN;
            gemm.Multiply(
                transposeA, transposeB, (int)Math.Min(tileM, m - row), (int)Math.Min(tileN, n - column), k, 1,
                a + (transposeA ? row : row * lda), lda, b + (transposeB ? column * ldb : column), ldb, beta, c + (row * ldc) + column, ldc);
        }

        /// <summary>An edge of at most <paramref name="maximum"/> that cuts the side evenly, in steps of 16: packing costs little, and tiles are enough for the threads.</summary>
        private static int TileSize(int side, int maximum) => (((side + Tiles(side, maximum) - 1) / Tiles(side, maximum)) + 15) / 16 * 16;
    }

    private readonly struct AddBiasJob(float* output, long stride, float* bias, int rows, int columns) : ITileJob
    {
        public const int TileRows = 64;

        public void Execute(int tile, int worker)
        {
            for (var row = tile * TileRows; row < Math.Min(rows, (tile + 1) * TileRows); row++) SimdMath.Add(bias, output + (row * stride), columns);
        }
    }

    private readonly struct BiasGradientJob(float* gradient, long stride, float* biasGradient, int rows, int columns) : ITileJob
    {
        public const int TileColumns = 128;

        public void Execute(int tile, int worker)
        {
            var start = tile * TileColumns;
            var count = Math.Min(TileColumns, columns - start);
            var sums = stackalloc float[TileColumns];
            for (var row = 0; row < rows; row++) SimdMath.Add(gradient + (row * stride) + start, sums, count);
            SimdMath.Add(sums, biasGradient + start, count);
        }
    }
}
