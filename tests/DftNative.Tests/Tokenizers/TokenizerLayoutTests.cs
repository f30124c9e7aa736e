using System.Text.Json;
using DftNative.Tokenizers;

namespace DftNative.Tests.Tokenizers;

/// <summary>The layouts other than tokenizer.json alone.</summary>
internal sealed class TokenizerLayoutTests
{
    private const string Text = "Natalia sold 12 clips<|im_end|> in e\u0301t\u00E9\n<think>";

    [Test]
    public void VocabularyAndMergesAreEnough()
    {
        using var directory = new ScratchDirectory();
        WriteVocabulary(directory);
        AddConfiguredTokens(directory, "Qwen2Tokenizer");
        Assert.That(Tokenizer.Load(directory.FullName).Encode(Text), Is.EqualTo(Fixtures.Tokenizer.Encode(Text)));
    }

    [Test]
    public void AClassThatIsNotKnownIsNamed()
    {
        using var directory = new ScratchDirectory();
        WriteVocabulary(directory);
        directory.Write("tokenizer_config.json", """{"tokenizer_class": "CTRLTokenizer"}""");
        Assert.That(() => Tokenizer.Load(directory.FullName), Throws.TypeOf<DftNativeException>().With.Message.Contain("CTRLTokenizer"));
    }

    [TestCase("LlamaTokenizerFast", "true", "true", "<|im_start|>a<|im_end|>")]
    [TestCase("LlamaTokenizer", "false", "false", "a")]
    [TestCase("Qwen2Tokenizer", "true", "true", "a")]
    public void TheFirstAndLastTokenFollowTheClass(string name, string addsFirst, string addsLast, string expected)
    {
        using var directory = Fixtures.Changed("\"!\": 0", "\"!\": 0");
        directory.Write("tokenizer_config.json", $$"""{"tokenizer_class": "{{name}}", "bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}, "add_bos_token": {{addsFirst}}, "add_eos_token": {{addsLast}}}""");
        var tokenizer = Tokenizer.Load(directory.FullName);
        Assert.That(tokenizer.Decode(tokenizer.Encode("a", addSpecialTokens: true)), Is.EqualTo(expected));
    }

    private static void WriteVocabulary(ScratchDirectory directory)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.TokenizerDirectory, "tokenizer.json")));
        var model = document.RootElement.GetProperty("model");
        directory.Write("vocab.json", model.GetProperty("vocab").GetRawText());
        directory.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', model.GetProperty("merges").EnumerateArray()
            .Select(merge => merge.ValueKind == JsonValueKind.String ? merge.GetString() : $"{merge[0].GetString()} {merge[1].GetString()}")) + "\n");
    }

    private static void AddConfiguredTokens(ScratchDirectory directory, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.TokenizerDirectory, "tokenizer.json")));
        var tokens = document.RootElement.GetProperty("added_tokens").EnumerateArray().Select(token => $"\"{token.GetProperty("id").GetInt32()}\": {token.GetRawText()}");
        directory.Write("tokenizer_config.json", $"{{\"tokenizer_class\": \"{name}\", \"added_tokens_decoder\": {{ {string.Join(", ", tokens)} }}}}");
    }
}
