using System.Text.Json.Nodes;
using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

public sealed class TokenTextTests
{
    /// <summary>LaTeX's \nabla begins as an escaped line feed looks, and is none.</summary>
    internal const string Nabla = "\\nabla";

    [Test]
    public void LineFeedsAloneAreKeptWhereTheyAreWanted()
    {
        using var scratch = new ScratchDirectory();
        var tokenizer = WithToken(scratch, Nabla);
        Assert.Multiple(() =>
        {
            Assert.That(Show("\n", keepsLineFeeds: false), Is.EqualTo("\\n"));
            Assert.That(Show("\n", keepsLineFeeds: true), Is.EqualTo("\n"));
            Assert.That(Show(Nabla, keepsLineFeeds: false), Is.EqualTo(Nabla));
            Assert.That(Show(Nabla, keepsLineFeeds: true), Is.EqualTo(Nabla));
            Assert.That(Show("\t", keepsLineFeeds: true), Is.EqualTo("\\x09"), "another control");
            Assert.That(TokenText.Show(tokenizer, 1_000_000, keepsLineFeeds: true), Is.EqualTo("1000000"), "no token has that id");
        });

        string Show(string text, bool keepsLineFeeds) => TokenText.Show(tokenizer, tokenizer.Encode(text, addSpecialTokens: false).Single(), keepsLineFeeds);
    }

    /// <summary>The tokenizer of the fixtures with one token more.</summary>
    internal static Tokenizer WithToken(ScratchDirectory scratch, string token)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Folder, "tokenizer", "tokenizer.json")))!;
        json["added_tokens"]!.AsArray().Add(new JsonObject
        {
            ["id"] = 2000,
            ["content"] = token,
            ["single_word"] = false,
            ["lstrip"] = false,
            ["rstrip"] = false,
            ["normalized"] = false,
            ["special"] = false,
        });
        Directory.CreateDirectory(scratch.PathOf("tokenizer"));
        scratch.Write(Path.Combine("tokenizer", "tokenizer.json"), json.ToJsonString());
        return Tokenizer.Load(scratch.PathOf("tokenizer"));
    }
}
