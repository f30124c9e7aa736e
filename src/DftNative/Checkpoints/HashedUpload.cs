using DftNative.Backends;

namespace DftNative.Checkpoints;

/// <summary>
/// Reads weight files once, each from its first byte to its last: all of it into a checksum, and to a device what belongs
/// there. Who finds afterwards that a checksum is wrong has the damage on the device, and must not use it.
/// </summary>
internal static class HashedUpload
{
    /// <summary>Reads, hashes and uploads.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="files">The files, in the order in which they are read.</param>
    /// <param name="targets">Where tensors go, by name; those that are not there go nowhere.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    /// <returns>XXH64 of each file.</returns>
    /// <exception cref="DftNativeException">Exit code 3: a file cannot be read.</exception>
    public static ulong[] Run(
        IBackend backend, IReadOnlyList<SafetensorsFile> files, IReadOnlyDictionary<string, UploadTarget> targets, IProgress<long>? progress)
    {
        XxHash64[] hashes = [.. files.Select(Begin)];
        var parts = files.SelectMany(Split).ToArray();
        var longest = parts.Select(part => part.Length * ElementWidth(part.Tensor)).DefaultIfEmpty().Max() / sizeof(float);
        PartPipeline<UploadPart>.Run(parts.Length, UploadPart.ReaderCount, UploadPart.Buffers(longest), Make, Take);
        return [.. hashes.Select(hash => hash.GetHash())];

        void Make(int i, UploadPart buffer)
        {
            var (file, tensor, start, length) = parts[i];
            buffer.Read(files[file], tensor, start, length);
            if (targets.TryGetValue(tensor.Name, out var target)) buffer.FitTo(target.Weights);
        }

        void Take(int i, UploadPart buffer)
        {
            var (file, tensor, start, length) = parts[i];
            hashes[file].Append(buffer.Stored);
            if (targets.TryGetValue(tensor.Name, out var target)) buffer.Upload(backend, target.Weights, target.Offset + start);
            progress?.Report(length);
        }
    }

    private static XxHash64 Begin(SafetensorsFile file)
    {
        var hash = new XxHash64();
        hash.Append(file.HeaderBytes.Span);
        return hash;
    }

    /// <summary>The parts of a file as they lie in it: tensors lie one behind the other, and the last ends where the file does.</summary>
    private static IEnumerable<(int File, SafetensorsTensor Tensor, long Start, int Length)> Split(SafetensorsFile file, int index)
    {
        foreach (var tensor in file.Tensors.Values.OrderBy(tensor => tensor.Offset))
        {
            var longest = UploadPart.MaxLength * sizeof(float) / ElementWidth(tensor);
            for (long start = 0; start < tensor.Length; start += longest)
                yield return (index, tensor, start, (int)Math.Min(longest, tensor.Length - start));
        }
    }

    /// <summary>Bytes of memory that an element takes: at least those of an fp32, which it may have to become.</summary>
    private static int ElementWidth(SafetensorsTensor tensor) => Math.Max(sizeof(float), tensor.DataType.SizeInBytes());
}
