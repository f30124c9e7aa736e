using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using DftNative.Data.Sources;

namespace DftNative.Tests.Data.Sources;

/// <summary>Reads data files as records.</summary>
internal static class Records
{
    /// <summary>Each record as its number and normalised JSON.</summary>
    public static List<(long Number, string Json)> Read(string path, params string[] columns)
    {
        var result = new List<(long, string)>();
        foreach (var record in RecordSource.Open(path).Read(new ColumnMapping(columns)))
            result.Add((record.Number, JsonNode.Parse(Encoding.UTF8.GetString(record.Json.Span))!.ToJsonString()));
        return result;
    }

    /// <summary>The message of a file that must be refused with exit code 3, in one line that begins with its name.</summary>
    public static string Refuse(string path, params string[] columns)
    {
        var error = Assert.Throws<DftNativeException>(() => Read(path, columns));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(error.Message, Does.StartWith(path).And.Not.Contain("\n"));
        }

        return error.Message[path.Length..];
    }

    /// <summary>Compresses bytes by gzip.</summary>
    public static byte[] Gzip(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest)) gzip.Write(bytes);
        return result.ToArray();
    }
}
