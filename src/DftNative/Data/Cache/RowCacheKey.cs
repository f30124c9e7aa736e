using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DftNative.Data.Cache;

/// <summary>What the rows of a data file depend on, as a hash: the same key, the same rows.</summary>
internal static class RowCacheKey
{
    /// <summary>Raised when the same text comes to other rows than before.</summary>
    private const int EncodingVersion = 2;

    private static readonly string[] TokenizerFiles =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model",
        "chat_template.jinja", "chat_template.json", "generation_config.json",
    ];

    /// <summary>[32] SHA-256 of everything that decides a file's rows.</summary>
    /// <param name="dataFile">The file; its bytes count and its name does not, but for its extension.</param>
    /// <param name="tokenizerDirectory">The model; null: no tokenizer.</param>
    /// <param name="vocabularySize">Of the model.</param>
    /// <param name="options">How rows are made.</param>
    public static byte[] Compute(string dataFile, string? tokenizerDirectory, int vocabularySize, RowReaderOptions options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append($"{RowCachePart.FormatVersion} {EncodingVersion} {vocabularySize} {options.MaxLength} {options.Truncation} {options.Mask} {options.TrainOnEos} {options.Form} {options.ResponseEnd}");
        Append(options.ChatTemplate ?? "");
        if (options.ChatTemplate is { } template && File.Exists(template)) hash.AppendData(HashFile(template));
        Append(options.Columns.Count.ToString(CultureInfo.InvariantCulture));
        foreach (var column in options.Columns) Append(column);
        Append(string.Join('.', Path.GetFileName(dataFile).Split('.').TakeLast(2)).ToLowerInvariant());
        hash.AppendData(HashFile(dataFile));
        foreach (var name in TokenizerFiles)
        {
            if (tokenizerDirectory is null) break;
            var path = Path.Combine(tokenizerDirectory, name);
            if (!File.Exists(path)) continue;
            Append(name);
            hash.AppendData(HashFile(path));
        }

        return hash.GetHashAndReset();

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }

    private static byte[] HashFile(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
            return SHA256.HashData(stream);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Sources.InputStream.CannotRead(path, error);
        }
    }
}
