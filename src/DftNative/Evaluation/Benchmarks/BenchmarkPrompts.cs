using DftNative.ChatTemplates;
using DftNative.Data;
using DftNative.Generation;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Evaluation.Benchmarks;

/// <summary>Makes a model's prompts of problems, and knows what ends its answers.</summary>
public sealed class BenchmarkPrompts
{
    /// <summary>Ends of turns and of texts: of the public evaluations' stop words.</summary>
    private static readonly string[] Ends = ["</s>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<｜end▁of▁sentence｜>"];

    private readonly Tokenizer tokenizer;
    private readonly PromptStyle style;
    private readonly ChatTemplate? template;

    /// <summary>Prompts of one style.</summary>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="configuration">The model.</param>
    /// <param name="style">The style.</param>
    /// <param name="chatTemplate">For <see cref="PromptStyle.Chat"/>: a template's name or file; null: the model's own.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the tokenizer has not the style's tokens; <see cref="ExitCode.InvalidInput"/>: there is no chat template.</exception>
    public BenchmarkPrompts(Tokenizer tokenizer, ModelConfiguration configuration, PromptStyle style, string? chatTemplate = null)
    {
        (this.tokenizer, this.style) = (tokenizer, style);
        if (FindMissingToken(style) is { } token)
        {
            var others = PromptStyles.ByName.Where(other => FindMissingToken(other.Value) is null && !LacksTemplate(other.Value)).Select(other => other.Key);
            throw new DftNativeException(ExitCode.Usage, $"prompt_style {PromptStyles.NameOf(style)}: the tokenizer has no token {token}; styles that the model can be asked in: {string.Join(", ", others)}");
        }

        if (chatTemplate is null && LacksTemplate(style))
            throw new DftNativeException(ExitCode.InvalidInput, $"prompt_style chat: the model has no chat template; give --chat_template {string.Join("|", ChatTemplate.Names)} or a template's FILE, or put problems as they are with prompt_style raw");
        template = style == PromptStyle.Chat ? ChatTemplate.Resolve(tokenizer, chatTemplate) : null;
        StopTokenIds = [.. new PromptEncoder(tokenizer, configuration, template).StopTokenIds.Concat(Ends.Select(tokenizer.TokenToId).OfType<int>()).Distinct()];
        StopStrings = [.. Ends.Where(end => tokenizer.TokenToId(end) is null)];
    }

    /// <summary>Tokens that end an answer: the model's own, and the known ends that the tokenizer has.</summary>
    public IReadOnlyList<int> StopTokenIds { get; }

    /// <summary>The known ends that the tokenizer has no token for: a model may spell them.</summary>
    public IReadOnlyList<string> StopStrings { get; }

    /// <summary>A problem's prompt. Of a chat template's clock the time stands still, so that an evaluation is the same on another day.</summary>
    public int[] Encode(string question) => template is null
        ? tokenizer.Encode(PromptStyles.Write(style, question), addSpecialTokens: true)
        : tokenizer.Encode(template.Render([new ChatMessage("user", PromptStyles.UserMessage(question))], addGenerationPrompt: true).Text);

    private bool LacksTemplate(PromptStyle candidate) => candidate == PromptStyle.Chat && tokenizer.ChatTemplates.Count == 0;

    private string? FindMissingToken(PromptStyle candidate) => PromptStyles.RequiredTokens(candidate).FirstOrDefault(token => tokenizer.TokenToId(token) is null);
}
