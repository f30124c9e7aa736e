using System.Globalization;
using System.Text;

namespace DftNative.Checkpoints;

/// <summary>XXH64 of the files that decide what a model computes: weights, configuration, tokenizer, chat templates.</summary>
internal static class ModelFingerprint
{
    private const int BufferLength = 1 << 20;

    /// <summary>The fingerprint of a model directory, whose weights are all read for it.</summary>
    public static string Of(string directory)
    {
        var hash = new XxHash64();
        var buffer = new byte[BufferLength];
        foreach (var name in ModelFileNames.CarriedOver.Prepend(ModelFileNames.Configuration).Concat(WeightFiles.FindNames(directory).Order(StringComparer.Ordinal)))
        {
            var path = Path.Combine(directory, name);
            if (!File.Exists(path)) continue;
            hash.Append(Encoding.UTF8.GetBytes(name));
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            int read;
            while ((read = stream.Read(buffer)) > 0) hash.Append(buffer.AsSpan(0, read));
        }

        return hash.GetHash().ToString("x16", CultureInfo.InvariantCulture);
    }
}
