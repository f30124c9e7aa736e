namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void EmbeddingForward(Vector tokens, Matrix table, Matrix output)
    {
        RequireShape(output, output.Rows, table.Columns, nameof(output));
        GatherRows(table, tokens, output);
    }

    /// <inheritdoc/>
    public void EmbeddingBackward(Vector distinctTokens, Vector rowStarts, Vector rows, Matrix outputGradient, Matrix tableGradient)
    {
        RequireLength(rowStarts, distinctTokens.Length + 1, nameof(rowStarts));
        RequireShape(tableGradient, tableGradient.Rows, outputGradient.Columns, nameof(tableGradient));
        var job = new EmbeddingBackwardJob(
            Integers(distinctTokens), Integers(rowStarts), Integers(rows), Floats(outputGradient), outputGradient.RowStride,
            Floats(tableGradient), tableGradient.RowStride, outputGradient.Columns);
        pool.Run(in job, (int)distinctTokens.Length);
    }

    private readonly struct EmbeddingBackwardJob(
        int* distinctTokens, int* rowStarts, int* rows, float* outputGradient, long outputStride, float* tableGradient, long tableStride, int columns) : ITileJob
    {
        public void Execute(int tile, int worker)
        {
            var destination = tableGradient + (distinctTokens[tile] * tableStride);
            for (var i = rowStarts[tile]; i < rowStarts[tile + 1]; i++) SimdMath.Add(outputGradient + (rows[i] * outputStride), destination, columns);
        }
    }
}
