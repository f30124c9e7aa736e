using System.Text.Json;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.Data;

/// <summary>Rendering against the models' own templates (tests/oracles/make_chat_golden.py).</summary>
internal sealed class ChatFormatTests
{
    [TestCaseSource(nameof(Names))]
    public void RenderingIsTheTemplates(string name)
    {
        var format = ChatFormat.ByName(name);
        var compared = 0;
        foreach (var line in File.ReadLines(Path.Combine(Fixtures.Folder, "chat", "golden.jsonl")))
        {
            using var golden = JsonDocument.Parse(line);
            var root = golden.RootElement;
            if (root.GetProperty("format").GetString() != name) continue;
            ChatMessage[] messages = [.. root.GetProperty("messages").EnumerateArray()
                .Select(message => new ChatMessage(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))];
            var chat = format.Render(messages, root.GetProperty("add_generation_prompt").GetBoolean());
            Assert.That(chat.Text, Is.EqualTo(root.GetProperty("text").GetString()), line);
            Assert.That(chat.AssistantTurns, Has.Count.EqualTo(messages.Count(message => message.Role == "assistant")));
            foreach (var (_, end) in chat.AssistantTurns) Assert.That(chat.Text[..end], Does.EndWith(format.EndOfTurn));
            compared++;
        }

        Assert.That(compared, Is.EqualTo(40));
    }

    [TestCase("chatml", "chatml")]
    [TestCase("qwen2.5", "qwen2.5")]
    [TestCase("qwen3", "qwen3")]
    [TestCase("llama3", "llama3")]
    public void KnownTemplatesAreRecognised(string template, string name) =>
        Assert.That(ChatFormat.Recognize(WithTemplate(TemplateOf(template)))?.Name, Is.EqualTo(name));

    [Test]
    public void AnotherDefaultSystemPromptIsTaken()
    {
        var template = TemplateOf("qwen2.5").Replace("You are Qwen, created by Alibaba Cloud. You are a helpful assistant.", @"Put your final answer within \\boxed{}.");
        var format = ChatFormat.Recognize(WithTemplate(template))!;
        Assert.That(format.Render([new ChatMessage("user", "x")]).Text, Does.StartWith("<|im_start|>system\nPut your final answer within \\boxed{}.<|im_end|>\n<|im_start|>user\nx"));
    }

    [Test]
    public void NothingIsGuessed()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ChatFormat.Recognize(WithTemplate(TemplateOf("qwen2.5") + " ")), Is.Null);
            Assert.That(() => ChatFormat.Resolve(WithTemplate("{{ messages }}"), null), Throws.TypeOf<DftNativeException>().With.Message.Contain("--chat_template"));
            Assert.That(() => ChatFormat.ByName("alpaca"), Throws.TypeOf<DftNativeException>().With.Message.Contain("chatml"));
            Assert.That(() => ChatFormat.ByName("chatml").Render([new ChatMessage("tool", "x")]), Throws.TypeOf<DftNativeException>().With.Message.Contain("'tool'"));
        }
    }

    private static IEnumerable<string> Names => ChatFormat.Names;

    private static string TemplateOf(string name)
    {
        using var templates = JsonDocument.Parse(File.ReadAllText(Path.Combine(Fixtures.Folder, "chat", "templates.json")));
        return templates.RootElement.GetProperty(name).GetString()!;
    }

    private static Tokenizer WithTemplate(string template)
    {
        using var directory = new ScratchDirectory();
        File.Copy(Path.Combine(Fixtures.TokenizerDirectory, "tokenizer.json"), directory.PathOf("tokenizer.json"));
        directory.Write("tokenizer_config.json", $$"""{"chat_template": {{OracleEncoding.ToJson(template)}}}""");
        return Tokenizer.Load(directory.FullName);
    }
}
