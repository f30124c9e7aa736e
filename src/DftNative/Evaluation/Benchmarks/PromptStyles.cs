namespace DftNative.Evaluation.Benchmarks;

/// <summary>
/// The prompt styles' names and texts: <c>qwen-boxed</c> and <c>deepseek-math</c> as in the public evaluation of
/// Qwen2.5-Math, <c>llama-base-boxed</c> as in the one that the DFT paper's authors derived from it.
/// </summary>
public static class PromptStyles
{
    /// <summary>What every style but <see cref="PromptStyle.Raw"/> asks for below the problem.</summary>
    public const string Instruction = "Please reason step by step, and put your final answer within \\boxed{}.";

    private const string System = "You are a helpful assistant.";

    /// <summary>The styles by name.</summary>
    public static IReadOnlyDictionary<string, PromptStyle> ByName { get; } = new Dictionary<string, PromptStyle>(StringComparer.Ordinal)
    {
        ["qwen-boxed"] = PromptStyle.QwenBoxed,
        ["llama-base-boxed"] = PromptStyle.LlamaBaseBoxed,
        ["deepseek-math"] = PromptStyle.DeepSeekMath,
        ["chat"] = PromptStyle.Chat,
        ["raw"] = PromptStyle.Raw,
    };

    /// <summary>A style's name.</summary>
    public static string NameOf(PromptStyle style) => ByName.First(entry => entry.Value == style).Key;

    /// <summary>Reads a style's name.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no such style.</exception>
    public static PromptStyle Parse(string name) => ByName.TryGetValue(name, out var style)
        ? style
        : throw new DftNativeException(ExitCode.Usage, $"prompt_style: '{name}' is not one of {string.Join(", ", ByName.Keys)}");

    /// <summary>The user's message.</summary>
    public static string UserMessage(string question) => $"{question.Trim()}\n{Instruction}";

    /// <summary>The whole prompt.</summary>
    /// <param name="style">Any but <see cref="PromptStyle.Chat"/>, whose text is the model's.</param>
    /// <param name="question">The problem.</param>
    public static string Write(PromptStyle style, string question)
    {
        var user = UserMessage(question);
        return style switch
        {
            PromptStyle.QwenBoxed => $"<|im_start|>system\n{System}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n",
            PromptStyle.LlamaBaseBoxed => $"{Header("system")}{System}<|end_of_text|>\n{Header("user")}{user}<|end_of_text|>\n{Header("assistant")}",
            PromptStyle.DeepSeekMath => $"User: {user}\n\nAssistant:",
            PromptStyle.Raw => question,
            _ => throw new ArgumentOutOfRangeException(nameof(style), style, "The text of this style is the model's."),
        };
    }

    /// <summary>Tokens that a style's text is nothing without.</summary>
    internal static IReadOnlyList<string> RequiredTokens(PromptStyle style) => style switch
    {
        PromptStyle.QwenBoxed => ["<|im_start|>", "<|im_end|>"],
        PromptStyle.LlamaBaseBoxed => ["<|start_header_id|>", "<|end_header_id|>", "<|end_of_text|>"],
        _ => [],
    };

    private static string Header(string role) => $"<|start_header_id|>{role}<|end_header_id|>\n\n";
}
