using System.Buffers.Binary;
using System.Text.Json.Nodes;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Data.Sources;

/// <summary>
/// Parquet files by Arrow's Rust writer and by hyparquet-writer (tests/parquet/generate.mjs), compared with the rows that
/// these were given; then damaged ones.
/// </summary>
internal sealed class ParquetRecordSourceTests
{
    /// <summary>Makes every column of the fixtures one of a row.</summary>
    private static readonly string[] AllColumns = ["input_ids=id", "token_weights=score", "labels=chosen", "input=tokens"];

    private static string Folder => Path.Combine(Fixtures.Folder, "parquet");

    private static IEnumerable<string> ReadableFiles => Directory.GetFiles(Folder, "*.parquet").Select(Path.GetFileName).OfType<string>()
        .Where(name => !name.Contains("lz4", StringComparison.Ordinal) && !name.Contains("delta", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    [TestCaseSource(nameof(ReadableFiles))]
    public void RowsAreThoseThatWereWritten(string name)
    {
        var isBasic = name.StartsWith("hyparquet", StringComparison.Ordinal);
        var expected = File.ReadLines(Path.Combine(Folder, "rows.jsonl")).Select((line, i) => (i + 1L, Normalize(line, isBasic))).ToList();
        var actual = Records.Read(Path.Combine(Folder, name), isBasic ? AllColumns[..3] : AllColumns);
        Assert.That(actual.Select(row => (row.Number, Normalize(row.Json, false))), Is.EqualTo(expected));
    }

    [TestCase("arrow-lz4_raw-v1-plain.parquet", "Lz4Raw is not supported; write it with snappy")]
    [TestCase("arrow-snappy-v2-delta.parquet", "the encoding DeltaByteArray, which is not supported")]
    public void WhatIsNotReadIsNamed(string name, string message) =>
        Assert.That(Records.Refuse(Path.Combine(Folder, name)), Does.Contain(message));

    [Test]
    public void AnUnknownColumnIsAnswered() => Assert.That(
        Records.Refuse(Path.Combine(Folder, "hyparquet-snappy.parquet"), "question=query"),
        Does.Contain("no column 'query' for question; the columns are id, score, chosen, problem, solution"));

    [Test]
    public void ADamagedFooterIsRefused()
    {
        using var scratch = new ScratchDirectory();
        var bytes = File.ReadAllBytes(Path.Combine(Folder, "arrow-snappy-v1-dictionary.parquet"));
        var path = scratch.PathOf("rows.parquet");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(RefuseBytes(bytes[..^1]), Does.Contain("its end is missing"));
            Assert.That(RefuseBytes(bytes[..5]), Does.Contain("not a Parquet file"));
            Assert.That(RefuseBytes([]), Does.Contain("not a Parquet file"));
            Assert.That(RefuseBytes([.. "PK\u0003\u0004"u8, .. bytes[4..]]), Does.Contain("not a Parquet file"));
            Assert.That(RefuseBytes(WithFooterLength(uint.MaxValue)), Does.Contain("its footer claims 4294967295 bytes"));
            Assert.That(RefuseBytes(WithFooterLength(3)), Is.Not.Empty);
        }

        string RefuseBytes(byte[] content)
        {
            File.WriteAllBytes(path, content);
            return Records.Refuse(path);
        }

        byte[] WithFooterLength(uint length)
        {
            var changed = (byte[])bytes.Clone();
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(changed.Length - 8), length);
            return changed;
        }
    }

    /// <summary>Flipped bytes give rows or one clear error: nothing else is thrown, and memory stays in proportion to the file.</summary>
    [TestCaseSource(nameof(ReadableFiles))]
    public void DamageIsFoundOrHarmless(string name)
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.PathOf("rows.parquet");
        var bytes = File.ReadAllBytes(Path.Combine(Folder, name));
        var random = new Random(name.Length);
        for (var i = 0; i < 150; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var k = random.Next(1, 4); k > 0; k--)
            {
                // Half of the damage goes into the footer, where structure is.
                var place = random.Next(2) == 0 ? random.Next(damaged.Length) : damaged.Length - 1 - random.Next(Math.Min(2000, damaged.Length));
                damaged[place] = (byte)random.Next(256);
            }

            if (random.Next(10) == 0) damaged = damaged[..random.Next(damaged.Length)];
            File.WriteAllBytes(path, damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Records.Read(path, name.StartsWith("hyparquet", StringComparison.Ordinal) ? AllColumns[..3] : AllColumns);
            }
            catch (DftNativeException error)
            {
                Assert.That(error.Message, Does.StartWith(path).And.Not.Contain("\n"));
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(64 << 20), $"round {i}");
        }
    }

    private static string Normalize(string json, bool isBasic)
    {
        var row = JsonNode.Parse(json)!.AsObject();
        foreach (var name in isBasic ? new[] { "tokens", "messages" } : []) row.Remove(name);
        return row.ToJsonString();
    }
}
