namespace DftNative.Tests.Cuda;

/// <summary>bench/results/nvrtc.txt: the registers of every variant, as <see cref="NvrtcVariantTests"/> last wrote them.</summary>
internal static class NvrtcTable
{
    private const string WriteVariable = "DFTNATIVE_WRITE_RESULTS";

    private const string HowToWrite =
        $"write it anew: {WriteVariable}=1 tests/DftNative.Tests/bin/Release/net10.0/DftNative.Tests --filter FullyQualifiedName~NvrtcVariantTests";

    private static string File => Path.Combine(RepositoryFolder.Path, "bench", "results", "nvrtc.txt");

    /// <summary>The first line: another compiler gives other numbers.</summary>
    public static string Title(Version nvrtc) => $"NVRTC {nvrtc}: registers / bytes of static shared memory; of attention / of dynamic / blocks a multiprocessor";

    /// <summary>The kept table's lines.</summary>
    public static string[] Read() => System.IO.File.ReadAllLines(File);

    /// <summary>
    /// Writes the table where DFTNATIVE_WRITE_RESULTS=1 asks for it; else the kept one must be this one, unless another
    /// compiler made it.
    /// </summary>
    public static void WriteOrCompare(string table)
    {
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            System.IO.File.WriteAllText(File, table);
            return;
        }

        var kept = Read();
        var lines = table.TrimEnd('\n').Split('\n');
        if (kept[0] == lines[0]) Assert.That(kept, Is.EqualTo(lines), $"{File} is out of date; {HowToWrite}");
    }

    /// <summary>The kept table names these variants, in this order.</summary>
    public static void AssertNames(IEnumerable<string> variants)
    {
        // A line is a name and a column an architecture.
        var named = Read().Skip(2).Select(line => line[..(line.LastIndexOf('>') + 1)]);
        Assert.That(named, Is.EqualTo(variants), $"{File} is out of date; {HowToWrite}");
    }
}
