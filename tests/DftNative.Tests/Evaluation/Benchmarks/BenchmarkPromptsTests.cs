using DftNative.Demo;
using DftNative.Evaluation.Benchmarks;
using DftNative.Models;
using DftNative.Tests.Checkpoints;
using DftNative.Tests.Tokenizers;
using DftNative.Tokenizers;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>Prompts letter for letter as the public evaluations write them, and what ends an answer.</summary>
internal sealed class BenchmarkPromptsTests
{
    private static readonly ModelConfiguration Configuration = TinyModel.Read(TinyModel.Configuration());

    [Test]
    public void TheStylesTextsAreThoseOfThePublicEvaluations() => Assert.Multiple(() =>
    {
        Assert.That(
            PromptStyles.Write(PromptStyle.QwenBoxed, "What is $1 + 1$?\n"),
            Is.EqualTo("<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhat is $1 + 1$?\nPlease reason step by step, and put your final answer within \\boxed{}.<|im_end|>\n<|im_start|>assistant\n"));
        Assert.That(
            PromptStyles.Write(PromptStyle.LlamaBaseBoxed, "What is $1 + 1$?"),
            Is.EqualTo("<|start_header_id|>system<|end_header_id|>\n\nYou are a helpful assistant.<|end_of_text|>\n<|start_header_id|>user<|end_header_id|>\n\nWhat is $1 + 1$?\nPlease reason step by step, and put your final answer within \\boxed{}.<|end_of_text|>\n<|start_header_id|>assistant<|end_header_id|>\n\n"));
        Assert.That(
            PromptStyles.Write(PromptStyle.DeepSeekMath, "What is $1 + 1$?"),
            Is.EqualTo("User: What is $1 + 1$?\nPlease reason step by step, and put your final answer within \\boxed{}.\n\nAssistant:"));
        Assert.That(PromptStyles.Write(PromptStyle.Raw, " 1111+2222=\n"), Is.EqualTo(" 1111+2222=\n"), "nothing is added, and nothing taken");
    });

    [Test]
    public void ChatIsTheModelsOwnTemplate()
    {
        var tokenizer = Fixtures.Tokenizer;
        var prompt = new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.Chat).Encode("What?");
        Assert.That(
            tokenizer.Decode(prompt),
            Is.EqualTo("<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.<|im_end|>\n<|im_start|>user\nWhat?\nPlease reason step by step, and put your final answer within \\boxed{}.<|im_end|>\n<|im_start|>assistant\n"));
    }

    [Test]
    public void SpecialTokensOfATextAreTokensAndEndAnswers()
    {
        var tokenizer = Fixtures.Tokenizer;
        var prompts = new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.QwenBoxed);
        var prompt = prompts.Encode("What?");
        var (begin, end, endOfText) = (tokenizer.TokenToId("<|im_start|>")!.Value, tokenizer.TokenToId("<|im_end|>")!.Value, tokenizer.TokenToId("<|endoftext|>")!.Value);
        Assert.Multiple(() =>
        {
            Assert.That((prompt.Count(id => id == begin), prompt.Count(id => id == end)), Is.EqualTo((3, 2)));
            Assert.That(prompts.StopTokenIds, Is.EquivalentTo(Configuration.EosTokenIds.Concat([end, endOfText])));
            Assert.That(prompts.StopStrings, Is.EqualTo(new[] { "</s>", "<|eot_id|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>" }));
        });
    }

    /// <summary>Llama's tokenizer begins a text with its own token, as vLLM has it too.</summary>
    [Test]
    public void ALlamaPromptBeginsAText()
    {
        var tokenizer = Tokenizer.Load(Oracles.TokenizerDirectory("llama3_1"));
        var prompts = new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.LlamaBaseBoxed);
        var prompt = prompts.Encode("What?");
        Assert.Multiple(() =>
        {
            Assert.That(prompt[0], Is.EqualTo(tokenizer.TokenToId("<|begin_of_text|>")));
            Assert.That(tokenizer.Decode(prompt[1..]), Is.EqualTo(PromptStyles.Write(PromptStyle.LlamaBaseBoxed, "What?")));
            Assert.That(prompts.StopTokenIds, Does.Contain(tokenizer.TokenToId("<|end_of_text|>")!.Value));
        });
    }

    [Test]
    public void AStyleOfAnotherTokenizerIsRefused()
    {
        var exception = Assert.Throws<DftNativeException>(() => _ = new BenchmarkPrompts(Fixtures.Tokenizer, Configuration, PromptStyle.LlamaBaseBoxed));
        Assert.That(exception!.Message, Does.Contain("llama-base-boxed").And.Contain("<|start_header_id|>").And.EndsWith("can be asked in: qwen-boxed, deepseek-math, chat, raw"));
    }

    /// <summary>What is offered in place of a style can be done.</summary>
    [Test]
    public void AModelWithoutATemplateIsNotOfferedChat()
    {
        using var scratch = new ScratchDirectory();
        DemoAssets.Extract(scratch.FullName);
        var tokenizer = Tokenizer.Load(scratch.FullName);
        Assert.Multiple(() =>
        {
            Assert.That(() => new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.QwenBoxed), Throws.TypeOf<DftNativeException>().With.Message.EndsWith("can be asked in: deepseek-math, raw"));
            Assert.That(
                () => new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.Chat),
                Throws.TypeOf<DftNativeException>().With.Property("ExitCode").EqualTo(ExitCode.InvalidInput).And.Message.Contains("the model has no chat template").And.Message.EndsWith("prompt_style raw"));
            Assert.That(new BenchmarkPrompts(tokenizer, Configuration, PromptStyle.Raw).Encode("1111+2222="), Is.EqualTo(tokenizer.Encode("1111+2222=")));
        });
    }

    [Test]
    public void AnUnknownStyleNamesAll() =>
        Assert.That(() => PromptStyles.Parse("alpaca"), Throws.TypeOf<DftNativeException>().With.Message.Contains("qwen-boxed, llama-base-boxed, deepseek-math, chat, raw"));

    [Test]
    public void NamesAndStylesAreOneToOne() =>
        Assert.That(Enum.GetValues<PromptStyle>().Select(style => PromptStyles.Parse(PromptStyles.NameOf(style))), Is.EqualTo(Enum.GetValues<PromptStyle>()));
}
