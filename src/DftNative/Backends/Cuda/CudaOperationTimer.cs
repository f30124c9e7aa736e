using DftNative.Backends.Profiling;
using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>
/// By marks in the stream before and after each operation: the device keeps the times, and the host reads them once the
/// last one has happened. Events are made at first and used again.
/// </summary>
internal sealed class CudaOperationTimer(CudaContext context, CudaStream stream) : OperationTimer
{
    private readonly List<(CudaEvent Start, CudaEvent End)> marks = [];
    private readonly List<BackendOperation> operations = [];

    /// <inheritdoc/>
    public override void Start()
    {
        if (operations.Count == marks.Count) marks.Add((new CudaEvent(context), new CudaEvent(context)));
        marks[operations.Count].Start.Record(stream);
    }

    /// <inheritdoc/>
    public override void Stop(BackendOperation operation)
    {
        marks[operations.Count].End.Record(stream);
        operations.Add(operation);
    }

    /// <inheritdoc/>
    public override void Collect(Span<double> seconds)
    {
        seconds[..OperationCount].Clear();
        if (operations.Count > 0) marks[operations.Count - 1].End.Synchronize();
        for (var i = 0; i < operations.Count; i++)
            seconds[(int)operations[i]] += 1e-3 * marks[i].End.ElapsedMillisecondsSince(marks[i].Start);
        operations.Clear();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var (start, end) in marks)
        {
            start.Dispose();
            end.Dispose();
        }

        marks.Clear();
        operations.Clear();
    }
}
