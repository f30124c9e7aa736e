using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>The committed tokenizer: Qwen2's pipeline with 1 000 merges (tests/oracles/make_fixture.py).</summary>
internal static class Fixtures
{
    public static string Folder { get; } = Path.Combine(Oracles.Root, "tests", "DftNative.Tests", "Fixtures");

    public static string TokenizerDirectory { get; } = Path.Combine(Folder, "tokenizer");

    public static Tokenizer Tokenizer { get; } = Tokenizer.Load(TokenizerDirectory);

    /// <summary>A tokenizer directory with one text of tokenizer.json replaced.</summary>
    public static ScratchDirectory Changed(string before, string after)
    {
        var text = File.ReadAllText(Path.Combine(TokenizerDirectory, "tokenizer.json"));
        Assert.That(text, Does.Contain(before));
        var directory = new ScratchDirectory();
        directory.Write("tokenizer.json", text.Replace(before, after, StringComparison.Ordinal));
        return directory;
    }
}
