namespace DftNative.Backends.Cpu;

public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void GatherRows(Matrix source, Vector rows, Matrix destination)
    {
        RequireLength(rows, destination.Rows, nameof(rows));
        var job = new MoveRowsJob(Floats(source), source.RowStride, Floats(destination), destination.RowStride, Integers(rows), destination.Rows, source.Columns, false);
        pool.Run(in job, Tiles(destination.Rows, MoveRowsJob.TileRows));
    }

    /// <inheritdoc/>
    public void ScatterRows(Matrix source, Vector rows, Matrix destination)
    {
        RequireLength(rows, source.Rows, nameof(rows));
        var job = new MoveRowsJob(Floats(source), source.RowStride, Floats(destination), destination.RowStride, Integers(rows), source.Rows, source.Columns, true);
        pool.Run(in job, Tiles(source.Rows, MoveRowsJob.TileRows));
    }

    private readonly struct MoveRowsJob(
        float* source, long sourceStride, float* destination, long destinationStride, int* rows, int count, int columns, bool scatter) : ITileJob
    {
        public const int TileRows = 64;

        public void Execute(int tile, int worker)
        {
            var bytes = columns * (long)sizeof(float);
            for (var i = tile * TileRows; i < Math.Min(count, (tile + 1) * TileRows); i++)
            {
                var (from, to) = scatter ? (i, rows[i]) : (rows[i], i);
                Buffer.MemoryCopy(source + (from * sourceStride), destination + (to * destinationStride), bytes, bytes);
            }
        }
    }
}
