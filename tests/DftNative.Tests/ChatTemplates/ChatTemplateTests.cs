using System.Text.Json;
using DftNative.ChatTemplates;
using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Built-in templates against the models' own (tests/oracles/make_chat_golden.py), and which template is taken.</summary>
internal sealed class ChatTemplateTests
{
    private static readonly ChatMessage[] Question = [new("user", "x")];

    [TestCaseSource(nameof(Names))]
    public void BuiltInTemplatesRenderAsTheModelsOwn(string name)
    {
        var template = ChatTemplate.ByName(name);
        var endOfTurn = name.StartsWith("llama", StringComparison.Ordinal) ? "<|eot_id|>" : "<|im_end|>";
        var compared = 0;
        foreach (var line in File.ReadLines(Path.Combine(Fixtures.Folder, "chat", "golden.jsonl")))
        {
            using var golden = JsonDocument.Parse(line);
            var root = golden.RootElement;
            if (root.GetProperty("format").GetString() != name) continue;
            var messages = ChatMessages.Read(root.GetProperty("messages"), "messages");
            var chat = template.Render(messages, root.GetProperty("add_generation_prompt").GetBoolean());
            Assert.That(chat.Text, Is.EqualTo(root.GetProperty("text").GetString()), line);
            Assert.That(chat.GenerationSpans, Has.Count.EqualTo(messages.Count(message => message.Role == "assistant")));
            foreach (var (_, end) in chat.GenerationSpans) Assert.That(chat.Text[..end], Does.EndWith(endOfTurn));
            compared++;
        }

        Assert.That(compared, Is.EqualTo(40));
    }

    [Test]
    public void TheModelsOwnTemplateIsTaken()
    {
        var template = ChatTemplate.Resolve(With("""{"chat_template": "{{ bos_token }}{% for m in messages %}[{{ m.content }}]{% endfor %}", "bos_token": {"content": "<s>"}}"""), null);
        Assert.That(template.Render(Question).Text, Is.EqualTo("<s>[x]"));
    }

    [Test]
    public void ATemplateFileComesFirst()
    {
        using var directory = Directory("""{"chat_template": "a"}""");
        directory.Write("chat_template.json", """{"chat_template": "b"}""");
        Assert.That(ChatTemplate.Resolve(Tokenizer.Load(directory.FullName), null).Render(Question).Text, Is.EqualTo("b"));
        directory.Write("chat_template.jinja", "c");
        Assert.That(ChatTemplate.Resolve(Tokenizer.Load(directory.FullName), null).Render(Question).Text, Is.EqualTo("c"));
    }

    [Test]
    public void NamedTemplatesAreChosenByNameAndByTools()
    {
        var tokenizer = With("""{"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "tools"}, {"name": "rag", "template": "rag"}]}""");
        var template = ChatTemplate.Resolve(tokenizer, null);
        var conversation = new ChatConversation(Question);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(template.Render(Question).Text, Is.EqualTo("plain"));
            Assert.That(template.Render(conversation with { Tools = "any" }, 1, addGenerationPrompt: false).Text, Is.EqualTo("tools"));
            Assert.That(ChatTemplate.Resolve(tokenizer, "rag").Render(Question).Text, Is.EqualTo("rag"));
        }
    }

    [Test]
    public void AFileCanBeTheTemplate()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("mine.jinja", "{{ messages[0].content }}!");
        var broken = scratch.Write("broken.jinja", "a\n {% if %}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ChatTemplate.Resolve(Fixtures.Tokenizer, path).Render(Question).Text, Is.EqualTo("x!"));
            Assert.That(() => ChatTemplate.Resolve(Fixtures.Tokenizer, broken), Throws.TypeOf<DftNativeException>().With.Message.Contain("broken.jinja: chat template, line 2, column 8"));
        }
    }

    [Test]
    public void NothingIsGuessed()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ChatTemplate.Resolve(With("{}"), null), Throws.TypeOf<DftNativeException>().With.Message.Contain("--chat_template chatml|"));
            Assert.That(() => ChatTemplate.Resolve(With("""{"chat_template": [{"name": "rag", "template": ""}]}"""), null), Throws.TypeOf<DftNativeException>().With.Message.Contain("rag"));
            Assert.That(() => ChatTemplate.Resolve(Fixtures.Tokenizer, "alpaca"), Throws.TypeOf<DftNativeException>().With.Message.Contain("chatml"));
            Assert.That(() => ChatTemplate.ByName("chatml").Render([new ChatMessage("tool", "x")]), Throws.InstanceOf<DftNativeException>().With.Message.Contain("'tool'"));
            Assert.That(() => ChatTemplate.Resolve(Fixtures.Tokenizer, "llama3").FindEndOfTurn(Fixtures.Tokenizer), Throws.TypeOf<DftNativeException>().With.Message.Contain("<|eot_id|>"));
        }
    }

    private static IEnumerable<string> Names => ChatTemplate.Names;

    private static Tokenizer With(string configuration)
    {
        using var directory = Directory(configuration);
        return Tokenizer.Load(directory.FullName);
    }

    private static ScratchDirectory Directory(string configuration)
    {
        var directory = new ScratchDirectory();
        File.Copy(Path.Combine(Fixtures.TokenizerDirectory, "tokenizer.json"), directory.PathOf("tokenizer.json"));
        directory.Write("tokenizer_config.json", configuration);
        return directory;
    }
}
