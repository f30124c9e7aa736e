using System.Globalization;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Tests.Data.Cache;

/// <summary>The cache of rows gives the same rows as reading the files, and is never trusted when it is not whole.</summary>
internal sealed class TrainingDataTests
{
    private ScratchDirectory scratch = null!;
    private string file = null!;
    private string cache = null!;
    private readonly List<string> said = [];

    [SetUp]
    public void SetUp()
    {
        said.Clear();
        scratch = new ScratchDirectory();
        cache = scratch.PathOf("cache");
        var random = new Random(5);
        file = scratch.Write("rows.jsonl", string.Join('\n', Enumerable.Range(0, 500).Select(i => MakeRow(i, random))));
    }

    [TearDown]
    public void TearDown() => scratch.Dispose();

    [Test]
    public void CachedRowsAreTheFiles()
    {
        var expected = Describe(Load(cacheDirectory: ""));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Describe(Load()), Is.EqualTo(expected), "made");
            Assert.That(Parts(), Has.Length.GreaterThan(3));
            Assert.That(said, Is.Empty);
            Assert.That(Describe(Load()), Is.EqualTo(expected), "found");
            Assert.That(said, Has.Exactly(1).Contain("rows from the cache"));
        }
    }

    [Test]
    public void APartThatIsDamagedIsMadeAgain([Range(0, 7)] int kind)
    {
        var expected = Describe(Load());
        var part = Parts()[2];
        var bytes = File.ReadAllBytes(part);
        byte[] damaged = kind switch
        {
            0 => bytes[..^1],
            1 => bytes[..20],
            2 => [],
            3 => Changed(8),
            4 => Changed(20),
            5 => Changed(bytes.Length / 2),
            6 => Changed(60),
            _ => [.. bytes, 0],
        };
        File.WriteAllBytes(part, damaged);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Describe(Load()), Is.EqualTo(expected));
            Assert.That(said, Has.Exactly(1).Contain("part-00002.rows is made again"));
            Assert.That(File.ReadAllBytes(part), Is.EqualTo(bytes));
        }

        byte[] Changed(int offset)
        {
            var changed = (byte[])bytes.Clone();
            changed[offset] ^= 1;
            return changed;
        }
    }

    [Test]
    public void WhatWasDoneBeforeACrashStays()
    {
        var expected = Describe(Load());
        var parts = Parts();
        foreach (var part in parts[2..]) File.Delete(part);
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(parts[0])!, ".part-00002.rows.tmp-half"), "half");
        var first = File.GetLastWriteTimeUtc(parts[0]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Describe(Load()), Is.EqualTo(expected));
            Assert.That(said, Has.Exactly(1).Contain("were tokenised before"));
            Assert.That(File.GetLastWriteTimeUtc(parts[0]), Is.EqualTo(first));
        }
    }

    [Test]
    public void ADamagedFileLeavesNoFinishedCache()
    {
        File.AppendAllText(file, "\n{\"input_ids\": [1, 2], \"labels\"");
        Assert.That(() => Load(), Throws.TypeOf<DftNativeException>().With.Message.Contain("row 501 is not valid JSON"));
        Assert.That(() => Load(), Throws.TypeOf<DftNativeException>().With.Message.Contain("row 501 is not valid JSON"));
    }

    [Test]
    public void OtherBytesOrOptionsAreAnotherCache()
    {
        Load().Dispose();
        var before = Directory.GetDirectories(cache).Length;
        Load(options: new RowReaderOptions { MaxLength = 5 }).Dispose();
        var text = File.ReadAllText(file);
        File.WriteAllText(file, text.Replace("[7,", "[8,", StringComparison.Ordinal));
        Load().Dispose();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(before, Is.EqualTo(1));
            Assert.That(Directory.GetDirectories(cache), Has.Length.EqualTo(3));
            Assert.That(said, Is.Empty);
        }
    }

    [Test]
    public void TheTokenizersFilesAreAPartOfTheKey()
    {
        var model = Directory.CreateDirectory(scratch.PathOf("model")).FullName;
        File.WriteAllText(Path.Combine(model, "tokenizer.json"), "{}");
        Load(tokenizer: model).Dispose();
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "{{ 1 }}");
        Load(tokenizer: model).Dispose();
        Assert.That(Directory.GetDirectories(cache), Has.Length.EqualTo(2));
    }

    [TestCase(1, 500)]
    [TestCase(2, 1000)]
    [TestCase(0.25, 125)]
    [TestCase(1.5, 750)]
    public void AWeightSaysHowOftenRowsAreUsed(double weight, int count)
    {
        using var all = Load();
        using var weighted = Load(weight: weight);
        using var again = Load(weight: weight);
        using var other = Load(weight: weight, seed: 8);
        var uses = weighted.GroupBy(Describe).ToDictionary(group => group.Key, group => group.Count());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(weighted, Has.Count.EqualTo(count));
            Assert.That(all.Select(Describe).Select(row => uses.GetValueOrDefault(row)), Is.All.InRange((int)weight, (int)Math.Ceiling(weight)));
            Assert.That(again.Select(Describe), Is.EqualTo(weighted.Select(Describe)));
            if (weight % 1 != 0) Assert.That(other.Select(Describe), Is.Not.EqualTo(weighted.Select(Describe)));
        }
    }

    [Test]
    public void ALimitCountsRecordsOfAllFiles()
    {
        using var whole = Load();
        var reader = new RowReader(null, 1000, new RowReaderOptions { MaxLength = 100 });
        foreach (var directory in new[] { cache, "" })
        {
            using var data = TrainingData.Load([new DataFile(file, 1), new DataFile(file, 1)], reader, Options(directory) with { MaxSamples = 700 });
            Assert.That(data.Select(Describe), Is.EqualTo(whole.Concat(whole.Take(200)).Select(Describe)));
        }
    }

    /// <summary>By its file and the number that other messages give it there: blank lines count, and so do rows that are left out.</summary>
    [Test]
    public void ARowThatTheModelCannotTakeIsNamedByItsFile([Values] bool isCached, [Values(1, 2, 0.5)] double weight)
    {
        string[] rows = [Row(60), "", Row(2), Row(70), "", Row(9), Row(3)];
        var first = scratch.Write("first.jsonl", string.Join('\n', Enumerable.Repeat(Row(4), 5)));
        var second = scratch.Write("second.jsonl", string.Join('\n', rows));
        var reader = new RowReader(null, 1000, new RowReaderOptions { MaxLength = 50, Truncation = Truncation.Drop });
        using var data = TrainingData.Load([new DataFile(first, weight), new DataFile(second, 1)], reader, Options(isCached ? cache : ""));
        var place = data.Select((row, index) => (row, index)).Single(pair => pair.row.InputIds.Length == 9).index;
        var error = Assert.Throws<DftNativeException>(() => CheckedRows.Create(data, 1000, positionCount: 8, maxLength: 50, "training data"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.StartWith($"{second}: row 6: 9 tokens are more than the 8 positions"));
            Assert.That(data.Locate(place - 1), Is.EqualTo($"{second}: row 3"));
            Assert.That(data.Locate(data.Count - 1), Is.EqualTo($"{second}: row 7"));
            Assert.That(data.Locate(0), Does.StartWith($"{first}: row "));
        }

        File.WriteAllText(second, rows[0]);
        Assert.That(Assert.Throws<DftNativeException>(() => data.Locate(place))!.Message, Does.Contain("second.jsonl: was changed while it was used"));

        static string Row(int length) => $$"""{"input_ids": [{{string.Join(',', Enumerable.Range(1, length))}}], "labels": [{{string.Join(',', Enumerable.Range(1, length))}}]}""";
    }

    [TestCase("a.jsonl", "a.jsonl", 1)]
    [TestCase("a.jsonl:0.5", "a.jsonl", 0.5)]
    [TestCase("C:/x/a.jsonl", "C:/x/a.jsonl", 1)]
    public void AFileMayHaveAWeight(string text, string path, double weight) => Assert.That(DataFile.Parse(text), Is.EqualTo(new DataFile(path, weight)));

    [TestCase("a.jsonl:0")]
    [TestCase("a.jsonl:1001")]
    public void AWeightHasARange(string text) => Assert.That(() => DataFile.Parse(text), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.Usage));

    [Test]
    public void ACacheThatCannotBeWrittenIsNamed()
    {
        File.WriteAllText(cache, "");
        Assert.That(() => Load(), Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.CannotWrite).And.Message.Contain("--cache_dir"));
    }

    private static string MakeRow(int i, Random random)
    {
        var ids = Enumerable.Range(0, 2 + random.Next(60)).Select(_ => random.Next(1000)).ToArray();
        ids[0] = i;
        var labels = ids.Select((id, k) => i % 5 == 1 && k == 1 ? 3 : random.Next(2) == 0 && k > 1 ? -100 : id);
        var weights = i % 7 == 0 ? $", \"token_weights\": [{string.Join(',', ids.Select(id => (id / 8.0).ToString(CultureInfo.InvariantCulture)))}]" : "";
        return $"{{\"input_ids\": [{string.Join(',', ids)}], \"labels\": [{string.Join(',', labels)}]{weights}}}";
    }

    private static string Describe(TrainingData data)
    {
        using (data) return data.Report + "\n" + string.Join('\n', data.Select(Describe));
    }

    private static string Describe(TrainingRow row) =>
        $"{string.Join(',', row.InputIds)};{string.Join(',', row.Labels)};{(row.TokenWeights is { } weights ? string.Join(',', weights) : "none")}";

    private TrainingData Load(string? cacheDirectory = null, RowReaderOptions? options = null, double weight = 1, long seed = 7, string? tokenizer = null) => TrainingData.Load(
        [new DataFile(file, weight)],
        new RowReader(null, 1000, options ?? new RowReaderOptions { MaxLength = 100 }),
        Options(cacheDirectory ?? cache) with { Seed = seed, TokenizerDirectory = tokenizer });

    private TrainingDataOptions Options(string directory) =>
        new() { CacheDirectory = directory, CachePartLength = 16_000, Logger = new ListLogger(said) };

    private string[] Parts() => [.. Directory.GetFiles(cache, "part-*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private sealed class ListLogger(List<string> messages) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            messages.Add(formatter(state, exception));
    }
}
