using DftNative.Data;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Data;

/// <summary>The forms of rows that other tools write, as the text the model reads. ⟦…⟧ is trained.</summary>
internal sealed class RowFormTests
{
    private static readonly RowReaderOptions ChatMl = new() { ChatTemplate = "chatml" };

    [TestCase("""{"conversations": [{"from": "system", "value": "S"}, {"from": "human", "value": "a"}, {"from": "gpt", "value": "b"}]}""",
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n")]
    [TestCase("""{"system": "S", "conversations": [{"from": "user", "value": "a"}, {"from": "assistant", "value": "b"}]}""",
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n")]
    [TestCase("""{"conversations": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "messages": null}""",
        "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n")]
    [TestCase("""{"instruction": "Add.", "input": "1+1", "output": "2"}""", "<|im_start|>user\nAdd.\n1+1<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧\n")]
    [TestCase("""{"instruction": "Add.", "input": "", "output": "2", "history": []}""", "<|im_start|>user\nAdd.<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧\n")]
    [TestCase("""{"instruction": "Add.", "output": "2", "system": "S"}""",
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nAdd.<|im_end|>\n<|im_start|>assistant\n⟦2<|im_end|>⟧\n")]
    public void FormsOfOtherToolsAreRead(string row, string expected) => Assert.That(Read(row, ChatMl), Is.EqualTo(expected));

    [Test]
    public void ColumnsMayHaveOtherNames() => Assert.That(
        Read("""{"query": "a", "response": "b", "text": "c", "answer": "wrong"}""", ChatMl with { Columns = ["question=query", "answer=response"] }),
        Is.EqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|im_end|>⟧\n"));

    [Test]
    public void NamedColumnsGoBeforeAnEarlierForm() => Assert.That(
        Read("""{"messages": [{"role": "user", "content": "x"}], "problem": "a", "solution": "b"}""", ChatMl with { Columns = ["question=problem", "answer=solution"] }),
        Does.Contain("user\na<|im_end|>"));

    [Test]
    public void AFormCanBeAskedFor() => Assert.That(
        Read("""{"messages": [{"role": "user", "content": "x"}], "problem": "a", "solution": "b"}""", ChatMl with { Form = RowForm.ProblemSolution }),
        Does.Contain("user\na<|im_end|>"));

    [Test]
    public void AnAnswerMayEndByTheEndOfText() => Assert.That(
        Read("""{"problem": "a", "solution": "b"}""", ChatMl with { ResponseEnd = ResponseEnd.Eos }),
        Is.EqualTo("<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n⟦b<|endoftext|>⟧"));

    [TestCase("""{"conversations": [{"from": "alien", "value": "a"}]}""", "conversations[0].from = 'alien'")]
    [TestCase("""{"conversations": [{"from": "human"}]}""", "conversations[0].value that is missing")]
    [TestCase("""{"conversations": [{"from": "gpt", "value": "a", "weight": 0}]}""", "conversations[0].weight")]
    [TestCase("""{"conversations": [{"from": "system", "value": "a"}], "system": "b"}""", "leave one out")]
    [TestCase("""{"instruction": "a", "output": "b", "history": [["c", "d"]]}""", "'history'")]
    [TestCase("""{"instruction": 3, "output": "b"}""", "'instruction' that is not a text")]
    [TestCase("""{"a": 1, "b": 2}""", "it has a, b")]
    [TestCase("""{}""", "it has no fields")]
    public void WhatIsNoRowIsNamed(string row, string message) =>
        Assert.That(() => Read(row, ChatMl), Throws.TypeOf<DftNativeException>().With.Message.Contain(message).And.Message.Contain("row 1"));

    [TestCase("question", "is not FIELD=COLUMN")]
    [TestCase("qestion=a", "a row has no field 'qestion'")]
    public void AColumnThatIsNoPairIsRefused(string pair, string message) => Assert.That(
        () => new RowReader(null, 8, new RowReaderOptions { Columns = [pair] }),
        Throws.TypeOf<DftNativeException>().With.Message.Contain(message).And.Property("ExitCode").EqualTo(ExitCode.Usage));

    [Test]
    public void AColumnThatIsNotThereIsNamedWithThoseThatAre() => Assert.That(
        () => Read("""{"query": "a"}""", ChatMl with { Columns = ["question=problem"] }),
        Throws.TypeOf<DftNativeException>().With.Message.Contain("no column 'problem' for question; the columns are query"));

    [TestCase("\"\\ud800\"")]
    [TestCase("\"a\\udc00\"")]
    public void AnUnpairedSurrogateIsNamed(string text) =>
        Assert.That(() => Read($"{{\"text\": {text}}}", ChatMl), Throws.TypeOf<DftNativeException>().With.Message.Contain("row 1 holds a text with an unpaired surrogate"));

    [Test]
    public void TheFirstFaultOfAFileIsReportedAndRowsKeepTheirOrder()
    {
        using var scratch = new ScratchDirectory();
        var rows = Enumerable.Range(0, 3000).Select(i => $$"""{"input_ids": [{{i}}, 1], "labels": [-100, 1]}""").ToArray();
        var path = scratch.Write("rows.jsonl", string.Join('\n', rows));
        Assert.That(new RowReader(null, 3000, new RowReaderOptions()).Read([path]).Select(row => row.InputIds[0]), Is.EqualTo(Enumerable.Range(0, 3000)));
        (rows[1200], rows[1201], rows[2500]) = ("{\"input_ids\": [9999, 1], \"labels\": [1, 1]}", "no", "{");
        path = scratch.Write("bad.jsonl", string.Join('\n', rows));
        Assert.That(() => new RowReader(null, 3000, new RowReaderOptions()).Read([path]).ToList(), Throws.TypeOf<DftNativeException>().With.Message.Contain("row 1201 has input_ids[0] = 9999"));
    }

    private static string Read(string json, RowReaderOptions options)
    {
        using var scratch = new ScratchDirectory();
        var row = new RowReader(Fixtures.Tokenizer, 2000, options).Read([scratch.Write("rows.jsonl", json)]).Single();
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < row.InputIds.Length; i++)
        {
            var (before, now) = (i > 0 && row.Labels[i - 1] != TrainingRow.IgnoredLabel, row.Labels[i] != TrainingRow.IgnoredLabel);
            if (now && !before) text.Append('⟦');
            if (before && !now) text.Append('⟧');
            text.Append(Fixtures.Tokenizer.Decode([row.InputIds[i]]));
        }

        if (row.Labels[^1] != TrainingRow.IgnoredLabel) text.Append('⟧');
        return text.ToString();
    }
}
