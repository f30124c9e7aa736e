using DftNative.Data;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.Data;

/// <summary>Masks and errors, compared with what a person would mark. ⟦…⟧ is trained.</summary>
internal sealed class RowReaderTests
{
    private const string System = "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n";

    private static readonly Tokenizer Tokenizer = Fixtures.Tokenizer;

    [TestCase("""{"messages": [{"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "4"}]}""",
        System + "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦4<|im_end|>⟧\n")]
    [TestCase("""{"question": "2+2?", "answer": "4\n#### 4"}""", System + "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦4\n#### 4<|im_end|>⟧\n")]
    [TestCase("""{"problem": "2+2?", "solution": "4", "answer": "4"}""", System + "<|im_start|>user\n2+2?<|im_end|>\n<|im_start|>assistant\n⟦4<|im_end|>⟧\n")]
    [TestCase("""{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}]}""",
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n")]
    [TestCase("""{"prompt": "Natalia sold", "completion": " clips"}""", "Natalia sold⟦ clips<|endoftext|>⟧")]
    [TestCase("""{"prompt": "Natalia sold ", "completion": "clips"}""", "Natalia sold⟦ clips<|endoftext|>⟧", Description = "a token of both belongs to the completion")]
    [TestCase("""{"prompt": "cafe", "completion": "\u0301 au lait"}""", "caf⟦é au lait<|endoftext|>⟧", Description = "normalization joins both")]
    [TestCase("""{"prompt": "a", "completion": " b<|endoftext|>"}""", "a⟦ b<|endoftext|>⟧", Description = "the end is not doubled")]
    [TestCase("""{"prompt": "", "completion": "a b"}""", "a⟦ b<|endoftext|>⟧", Description = "the first token is never a target")]
    [TestCase("""{"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n")]
    [TestCase("""{"text": "Natalia sold"}""", "N⟦atalia sold<|endoftext|>⟧")]
    [TestCase("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "\n\nb"}]}""",
        System + "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦\n\nb<|im_end|>⟧\n")]
    public void ThePromptIsMaskedAndTheEndIsTrained(string row, string expected) => Assert.That(Marked(ReadOne(row)), Is.EqualTo(expected));

    [Test]
    public void EveryAssistantTurnCanBeTrained()
    {
        const string row = """{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "d"}, {"role": "user", "content": "e"}]}""";
        const string expected = "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n<|im_start|>user\nc<|im_end|>\n<|im_start|>assistant\n⟦d<|im_end|>⟧\n<|im_start|>user\ne<|im_end|>\n";
        Assert.That(Marked(ReadOne(row, new RowReaderOptions { Mask = LossMask.AssistantOnly })), Is.EqualTo(expected));
    }

    [Test]
    public void EverythingButWhatFollowsTheEndCanBeTrained() => Assert.That(
        Marked(ReadOne("""{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}""", new RowReaderOptions { Mask = LossMask.All, ChatTemplate = "chatml" })),
        Is.EqualTo("<|im_start|>⟦user\na<|im_end|>\n<|im_start|>assistant\nb<|im_end|>⟧\n"));

    [Test]
    public void PretokenizedRowsNeedNoTokenizer()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """
            {"input_ids": [1, 2, 3], "labels": [-100, 2, 7]}

            {"input_ids": [4, 5], "labels": [-100, 5], "token_weights": [0, 0.5]}
            """);
        TrainingRow[] rows = [.. new RowReader(null, 8, new RowReaderOptions()).Read([path])];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows[0].InputIds, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(rows[0].Labels, Is.EqualTo(new[] { -100, 2, 7 }));
            Assert.That(rows[0].TokenWeights, Is.Null);
            Assert.That(rows[1].TokenWeights, Is.EqualTo(new[] { 0f, 0.5f }));
        }
    }

    [TestCase("""{"messages": null, "input_ids": null, "labels": null, "prompt": null, "completion": null, "question": null, "answer": null, "text": "Natalia sold"}""", "N⟦atalia sold<|endoftext|>⟧")]
    [TestCase("""{"input_ids": [1, 2], "labels": [-100, 2], "token_weights": null, "text": null}""", null)]
    public void AFieldOfNullIsNotThere(string row, string? expected)
    {
        var read = ReadOne(row);
        if (expected is null) Assert.That((read.InputIds, read.TokenWeights), Is.EqualTo((new[] { 1, 2 }, (float[]?)null)));
        else Assert.That(Marked(read), Is.EqualTo(expected));
    }

    [Test]
    public void LongRowsAreCutAndLoseTheirEnd()
    {
        var (row, report) = Read("""{"input_ids": [1, 2, 3, 4], "labels": [-100, 2, 3, 4], "token_weights": [1, 2, 3, 4]}""", new RowReaderOptions { MaxLength = 3 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(row[0].InputIds, Is.EqualTo(new[] { 1, 2, 3 }));
            Assert.That(row[0].Labels, Is.EqualTo(new[] { -100, 2, 3 }));
            Assert.That(row[0].TokenWeights, Is.EqualTo(new[] { 1f, 2f, 3f }));
            Assert.That((report.RowCount, report.TruncatedRowCount, report.TokenCount, report.TrainedTokenCount, report.LongestRow), Is.EqualTo((1, 1, 3, 2, 4)));
        }
    }

    [Test]
    public void RowsAreCountedAndThoseWithoutTargetKeptUnlessEmpty()
    {
        const string rows = """
            {"input_ids": [1, 2, 3, 4], "labels": [-100, 2, 3, 4]}
            {"input_ids": [1, 2], "labels": [1, -100]}
            {"input_ids": [], "labels": []}
            {"input_ids": [1, 2], "labels": [-100, 2]}
            {"messages": [{"role": "user", "content": "a"}]}
            """;
        var (read, report) = Read(rows, new RowReaderOptions { MaxLength = 3, Truncation = Truncation.Drop, ChatTemplate = "chatml" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Select(row => row.CountTargets()), Is.EqualTo(new[] { 0, 1 }));
            Assert.That((report.RowCount, report.DroppedRowCount, report.RowWithoutTargetCount, report.OpenConversationCount), Is.EqualTo((5, 2, 2, 1)));
        }
    }

    [TestCase("""{"input_ids": [1], "labels": [1]""", "row 2 is not valid JSON")]
    [TestCase("""[1]""", "not a JSON object")]
    [TestCase("""{"input_ids": [1]}""", "no field 'labels'")]
    [TestCase("""{"input_ids": 1, "labels": [1]}""", "'input_ids' that is not an array")]
    [TestCase("""{"input_ids": [1.5], "labels": [1]}""", "input_ids[0] = 1.5, which is not an integer")]
    [TestCase("""{"input_ids": [1, "2"], "labels": [1, 2]}""", "input_ids[1]")]
    [TestCase("""{"input_ids": [1, 2], "labels": [1]}""", "2 input_ids but 1 labels")]
    [TestCase("""{"input_ids": [1, 5000], "labels": [1, 2]}""", "input_ids[1] = 5000, which is outside the vocabulary of 2000")]
    [TestCase("""{"input_ids": [-1], "labels": [1]}""", "input_ids[0] = -1")]
    [TestCase("""{"input_ids": [-100], "labels": [1]}""", "input_ids[0] = -100")]
    [TestCase("""{"input_ids": [1], "labels": [2000]}""", "labels[0] = 2000")]
    [TestCase("""{"input_ids": [1], "labels": [-1]}""", "labels[0] = -1")]
    [TestCase("""{"input_ids": [1], "labels": [1], "token_weights": [-1]}""", "token_weights[0] = -1")]
    [TestCase("""{"input_ids": [1], "labels": [1], "token_weights": [1e99]}""", "token_weights[0]")]
    [TestCase("""{"input_ids": [1], "labels": [1], "token_weights": ["NaN"]}""", "token_weights[0]")]
    [TestCase("""{"input_ids": [1], "labels": [1], "token_weights": []}""", "1 labels but 0 token_weights")]
    [TestCase("""{"prompt": "a"}""", "no 'completion'")]
    [TestCase("""{"prompt": "a", "completion": 1}""", "'completion' that is not a text")]
    [TestCase("""{"question": "a"}""", "none of the fields")]
    [TestCase("""{"text": null}""", "none of the fields")]
    [TestCase("""{"prompt": "a", "completion": null}""", "no 'completion'")]
    [TestCase("""{"input_ids": [1], "labels": null}""", "no field 'labels'")]
    [TestCase("""{"text": "\ud800"}""", "unpaired surrogate")]
    [TestCase("""{"messages": "a"}""", "not a list of messages")]
    [TestCase("""{"messages": []}""", "without messages")]
    [TestCase("""{"messages": [1]}""", "messages[0]")]
    [TestCase("""{"messages": [{"role": "user"}]}""", "messages[0].content")]
    [TestCase("""{"messages": [{"role": "tool", "content": "x"}]}""", "role 'tool'")]
    [TestCase("""{"messages": [{"role": "assistant", "content": "", "tool_calls": [1]}]}""", "tool_calls")]
    public void AMalformedRowIsNamed(string row, string named)
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """{"input_ids": [1, 2], "labels": [-100, 2]}""" + "\n" + row + "\n");
        AssertRefused(path, named, "row 2");
    }

    [Test]
    public void InvalidUtf8IsNamed()
    {
        using var scratch = new ScratchDirectory();
        File.WriteAllBytes(scratch.PathOf("rows.jsonl"), [.. "{\"text\": \""u8, 0xC3, .. "\"}"u8]);
        AssertRefused(scratch.PathOf("rows.jsonl"), "not valid UTF-8", "row 1");
    }

    [TestCase("\n \n", "holds no rows")]
    [TestCase("""{"input_ids": [1, 2], "labels": [-100, -100]}""", "nothing to train")]
    public void AFileWithNothingToTrainIsRefused(string text, string named)
    {
        using var scratch = new ScratchDirectory();
        AssertRefused(scratch.Write("rows.jsonl", text), named, "rows.jsonl");
    }

    [Test]
    public void AMissingFileIsNamed() => AssertRefused("nowhere.jsonl", "cannot be read", "nowhere.jsonl");

    [Test]
    public void TextWithoutTokenizerIsRefused()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """{"text": "a"}""");
        Assert.That(() => new RowReader(null, 8, new RowReaderOptions()).Read([path]).ToArray(), Throws.TypeOf<DftNativeException>().With.Message.Contain("tokenizer.json"));
    }

    [Test]
    public void ATokenBeyondTheModelIsRefused()
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.Write("rows.jsonl", """{"text": "a b"}""");
        Assert.That(() => new RowReader(Tokenizer, 300, new RowReaderOptions()).Read([path]).ToArray(), Throws.TypeOf<DftNativeException>().With.Message.Contain("do not belong together"));
    }

    [Test]
    public void LinesOfAnyLengthAndEndingAreRead()
    {
        using var scratch = new ScratchDirectory();
        var text = new string('x', 300_000);
        var path = scratch.Write("rows.jsonl", $"\uFEFF{{\"text\": \"{text}\"}}\r\n\r\n{{\"text\": \"ab\"}}");
        TrainingRow[] rows = [.. new RowReader(Tokenizer, 2000, new RowReaderOptions { MaxLength = int.MaxValue }).Read([path])];
        Assert.That(rows.Select(row => Tokenizer.Decode(row.InputIds)), Is.EqualTo(new[] { text + "<|endoftext|>", "ab<|endoftext|>" }));
    }

    [Test]
    public void Gsm8kIsReadWhole()
    {
        var path = Oracles.SharedData("gsm8k-test.jsonl");
        var reader = new RowReader(Tokenizer, 2000, new RowReaderOptions());
        var end = Tokenizer.TokenToId("<|im_end|>")!.Value;
        foreach (var row in reader.Read([path])) Assert.That(row.Labels.Count(label => label == end), Is.EqualTo(1));
        Assert.That(reader.Report.RowCount, Is.EqualTo(1319));
    }

    private static void AssertRefused(string path, string named, string place)
    {
        var error = Assert.Throws<DftNativeException>(() => _ = new RowReader(Tokenizer, 2000, new RowReaderOptions { ChatTemplate = "chatml" }).Read([path]).ToArray());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(error.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
            Assert.That(error.Message, Does.Contain(named).And.Contain(place).And.Contain(Path.GetFileName(path)).And.Not.Contain("\n"));
        }
    }

    private static (List<TrainingRow> Rows, DataReport Report) Read(string text, RowReaderOptions options)
    {
        using var scratch = new ScratchDirectory();
        var reader = new RowReader(Tokenizer, 2000, options);
        return ([.. reader.Read([scratch.Write("rows.jsonl", text)])], reader.Report);
    }

    private static TrainingRow ReadOne(string row, RowReaderOptions? options = null) => Read(row, options ?? new RowReaderOptions()).Rows.Single();

    /// <summary>The row's text with its targets in marks.</summary>
    private static string Marked(TrainingRow row)
    {
        var text = "";
        for (int start = 0, end; start < row.InputIds.Length; start = end)
        {
            var isTrained = IsTarget(start);
            for (end = start; end < row.InputIds.Length && IsTarget(end) == isTrained;) end++;
            var part = Tokenizer.Decode(row.InputIds[start..end]);
            text += isTrained ? $"⟦{part}⟧" : part;
            if (isTrained) Assert.That(row.Labels[start..end], Is.EqualTo(row.InputIds[start..end]));
        }

        return text;

        bool IsTarget(int i) => i > 0 && row.Labels[i] != TrainingRow.IgnoredLabel;
    }
}
