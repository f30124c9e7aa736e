using System.Runtime.ExceptionServices;
using DftNative.Data.Sources;

namespace DftNative.Data;

/// <summary>Encodes records on all cores and gives them back in their order.</summary>
internal static class RecordPipeline
{
    private const int BatchCount = 256;
    private const int BatchLength = 1 << 18;

    /// <summary>Encodes records; a few batches are under way at a time, so memory does not grow with the file.</summary>
    /// <typeparam name="T">What a record comes to.</typeparam>
    /// <param name="records">Read by one thread.</param>
    /// <param name="encode">Called by several threads.</param>
    public static IEnumerable<T> Run<T>(IEnumerable<DataRecord> records, Func<DataRecord, T> encode)
    {
        var pending = new Queue<Task<T[]>>();
        var limit = 2 * Environment.ProcessorCount;
        using var reader = records.GetEnumerator();
        ExceptionDispatchInfo? fault = null;
        while (true)
        {
            var batch = ReadBatch(reader, ref fault);
            if (batch.Length > 0) pending.Enqueue(Task.Run(() => Array.ConvertAll(batch, record => encode(record))));
            while (pending.Count > (batch.Length == 0 ? 0 : limit))
                foreach (var item in pending.Dequeue().GetAwaiter().GetResult()) yield return item;
            if (batch.Length > 0) continue;

            // What comes before a damaged place went first, so that the first fault in the file is the one reported.
            fault?.Throw();
            yield break;
        }
    }

    /// <summary>The next records; none: the file is at its end, or there is a fault.</summary>
    private static DataRecord[] ReadBatch(IEnumerator<DataRecord> reader, ref ExceptionDispatchInfo? fault)
    {
        var batch = new List<DataRecord>(BatchCount);
        var length = 0;
        try
        {
            while (fault is null && batch.Count < BatchCount && length < BatchLength && reader.MoveNext())
            {
                batch.Add(reader.Current with { Json = reader.Current.Json.ToArray() });
                length += reader.Current.Json.Length;
            }
        }
        catch (DftNativeException error)
        {
            fault = ExceptionDispatchInfo.Capture(error);
        }

        return [.. batch];
    }
}
