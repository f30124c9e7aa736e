using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.ChatTemplates;

/// <summary>Masks of awkward conversations, marked by hand. ⟦…⟧ is trained; the template is Qwen2.5's own, without generation blocks, unless named.</summary>
internal sealed class ConversationMaskTests
{
    private const string ChatMlFile = "chatml";

    private const string System = "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n";

    private const string TwoTurns = """{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}""";

    private static readonly Tokenizer Tokenizer = Fixtures.Tokenizer;

    [TestCase(TwoTurns, "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", TestName = "two turns")]
    [TestCase("""{"messages": [{"role": "user", "content": "b"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "b"}, {"role": "assistant", "content": "b"}]}""",
        System + "<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n", TestName = "all turns alike")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}, {"role": "user", "content": ""}, {"role": "assistant", "content": " \n"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦<|im_end|>⟧\n<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n⟦ \n<|im_end|>⟧\n", TestName = "empty answers")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "assistant", "content": "c"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>assistant\n⟦c<|im_end|>⟧\n", TestName = "two answers in a row")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "assistant\n"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>user\nassistant\n<|im_end|>\n", TestName = "the user has the last word")]
    [TestCase("""{"messages": [{"role": "user", "content": "w?"}, {"role": "assistant", "content": null, "tool_calls": [{"type": "function", "function": {"name": "f", "arguments": {"x": 1}}}]}, {"role": "tool", "content": "2"}, {"role": "assistant", "content": "two"}]}""",
        System + "<|im_start|>user\nw?<|im_end|>\n<|im_start|>assistant\n⟦<tool_call>\n{\"name\": \"f\", \"arguments\": {\"x\": 1}}\n</tool_call><|im_end|>⟧\n<|im_start|>user\n<tool_response>\n2\n</tool_response><|im_end|>\n<|im_start|>assistant\n⟦two<|im_end|>⟧\n", TestName = "a tool is called")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d", "weight": 1}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", TestName = "an answer of weight 0")]
    [TestCase("""{"messages": [{"role": "assistant", "content": "hi"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""",
        "<|im_start|>assistant\n⟦hi<|im_end|>⟧\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n", ChatMlFile, TestName = "the assistant begins")]
    [TestCase("""{"messages": [{"role": "user", "content": "café 😀"}, {"role": "assistant", "content": "e\u0301 <|im_end|> 😀"}]}""",
        System + "<|im_start|>user\ncafé 😀<|im_end|>\n<|im_start|>assistant\n⟦é <|im_end|> 😀<|im_end|>⟧\n", TestName = "an end inside the last answer")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "<think>t</think>b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "<think>u</think>d"}]}""",
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦<think>\nu\n</think>\n\nd<|im_end|>⟧\n", "qwen3", TestName = "thoughts of earlier answers are taken out")]
    [TestCase("""{"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}], "completion": [{"role": "assistant", "content": "d"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", TestName = "answers of the prompt are prompt")]
    public void EveryAnswerIsTrained(string row, string expected, string? template = null) =>
        Assert.That(Marked(Read(row, new RowReaderOptions { Mask = LossMask.AssistantOnly, ChatTemplate = template })), Is.EqualTo(expected));

    [TestCase(TrainOnEos.Turn, "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", "⟦b<|im_end|>⟧\n", "S<|im_end|>\n")]
    [TestCase(TrainOnEos.All, "<|im_start|>user\nc⟦<|im_end|>⟧\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", "⟦b<|im_end|>⟧\n", "S⟦<|im_end|>⟧\n")]
    [TestCase(TrainOnEos.Last, "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n", "⟦b⟧<|im_end|>\n", "S<|im_end|>\n")]
    [TestCase(TrainOnEos.None, "<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d⟧<|im_end|>\n", "⟦b⟧<|im_end|>\n", "S<|im_end|>\n")]
    public void EndsAreTrainedAsAsked(TrainOnEos ends, string last, string answer, string system)
    {
        var marked = Marked(Read(TwoTurns, new RowReaderOptions { Mask = LossMask.AssistantOnly, TrainOnEos = ends }));
        Assert.That(marked, Does.EndWith(last).And.Contain("<|im_start|>assistant\n" + answer).And.StartWith("<|im_start|>system\n" + system));
    }

    [Test]
    public void AWeightIsAFactorOnItsTurn()
    {
        var row = Read("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b", "weight": 0.5}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}""", new RowReaderOptions { Mask = LossMask.AssistantOnly });
        var trained = Enumerable.Range(0, row.Labels.Length).Where(i => row.Labels[i] != TrainingRow.IgnoredLabel).Select(i => (Tokenizer.Decode([row.InputIds[i]]), row.TokenWeights![i]));
        Assert.That(trained, Is.EqualTo(new[] { ("b", 0.5f), ("<|im_end|>", 0.5f), ("d", 1f), ("<|im_end|>", 1f) }));
    }

    [Test]
    public void ToolsAndFurtherVariablesReachTheTemplate()
    {
        using var scratch = new ScratchDirectory();
        var template = scratch.Write("t.jinja", "{{ tools | tojson }}{{ mood }}{% for m in messages %}{{ m.name }}:{% generation %}{{ m.content }}<|im_end|>{% endgeneration %}{% endfor %}");
        var row = Read("""{"messages": [{"role": "assistant", "content": "b", "name": "n"}], "tools": "[{\"name\": \"f\"}]", "chat_template_kwargs": {"mood": "!"}}""", new RowReaderOptions { ChatTemplate = template });
        Assert.That(Marked(row), Is.EqualTo("[{\"name\": \"f\"}]!n:⟦b<|im_end|>⟧"));
    }

    [TestCase("{% for m in messages %}{{ loop.length }}{{ m.content }}<|im_end|>{% endfor %}", "not certain", TestName = "the prompt's rendering is no part of the whole")]
    [TestCase("{% for m in messages %}{{ m.content }}<|im_end|>{% generation %}{% endgeneration %}{% endfor %}", "generation blocks", TestName = "more generation blocks than answers")]
    public void WhatIsNotCertainIsRefused(string text, string named)
    {
        using var scratch = new ScratchDirectory();
        var options = new RowReaderOptions { Mask = LossMask.AssistantOnly, ChatTemplate = scratch.Write("t.jinja", text) };
        Assert.That(() => Read(TwoTurns, options), Throws.TypeOf<DftNativeException>().With.Message.Contain(named).And.Message.Contain("row 1"));
    }

    private static TrainingRow Read(string row, RowReaderOptions options)
    {
        using var scratch = new ScratchDirectory();
        return new RowReader(Tokenizer, 2000, options).Read([scratch.Write("rows.jsonl", row)]).Single();
    }

    private static string Marked(TrainingRow row)
    {
        var text = "";
        for (var start = 0; start < row.InputIds.Length;)
        {
            var isTrained = row.Labels[start] != TrainingRow.IgnoredLabel;
            var end = start;
            while (end < row.InputIds.Length && row.Labels[end] != TrainingRow.IgnoredLabel == isTrained) end++;
            var part = Tokenizer.Decode(row.InputIds[start..end]);
            text += isTrained ? $"⟦{part}⟧" : part;
            start = end;
        }

        return text;
    }
}
