using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace DftNative.Data;

/// <summary>Chat templates whose rendering is known: recognised by their exact text, Qwen2.5's but for its default system prompt.</summary>
internal static partial class KnownChatTemplates
{
    private const string DefaultPromptMark = "{default}";

    /// <summary>SHA-256 of Qwen2.5's template with <see cref="DefaultPromptMark"/> for its default system prompt.</summary>
    private const string Qwen25 = "AFC0EB73946A1DDC40E47DF42ED82464A8B40F92DB78BBEC500F879814808D73";

    private const string Qwen3 = "87A2728CB8DC9FE424D624542F6060EC05A1D285EBBEC578BB078900E33396B5";

    private const string Llama3 = "BA03A121D097859C7B5B9CD03AF99AAFE95275210D2876F642AD9929A150F122";

    private const string PlainChatMl =
        @"{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
        + @"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    private const string Qwen2SystemPrompt = "You are a helpful assistant.";

    private const string Qwen2 =
        @"{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
        + @"{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
        + @"{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

    /// <summary>The format that renders as <paramref name="template"/> does, or null.</summary>
    public static ChatFormat? Find(string template)
    {
        template = template.TrimEnd('\n');
        if (template == PlainChatMl) return ChatFormat.ByName("chatml");
        if (template == Qwen2) return new ChatMlFormat("qwen2", Qwen2SystemPrompt);
        return HashOf(template) switch
        {
            Qwen3 => ChatFormat.ByName("qwen3"),
            Llama3 => ChatFormat.ByName("llama3"),
            _ => FindQwen25(template),
        };
    }

    private static ChatMlFormat? FindQwen25(string template)
    {
        var match = DefaultPrompt().Match(template);
        if (!match.Success) return null;
        var literal = match.Groups[1].Value;
        return HashOf(template.Replace(literal, DefaultPromptMark, StringComparison.Ordinal)) == Qwen25 && Unescape(literal) is { } prompt
            ? new ChatMlFormat("qwen2.5", prompt)
            : null;
    }

    /// <summary>The text of a Jinja string literal, or null where it holds an escape that is not understood.</summary>
    private static string? Unescape(string literal)
    {
        var text = new StringBuilder();
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] != '\\')
            {
                text.Append(literal[i]);
                continue;
            }

            i++;
            if (i == literal.Length || literal[i] is not ('n' or '\\')) return null;
            text.Append(literal[i] == 'n' ? '\n' : '\\');
        }

        return text.ToString();
    }

    private static string HashOf(string template) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(template)));

    [GeneratedRegex(@"\{\{- '<\|im_start\|>system\\n([^'<]+)<\|im_end\|>\\n' \}\}")]
    private static partial Regex DefaultPrompt();
}
