using DftNative.ChatTemplates.Jinja;
using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.ChatTemplates;

/// <summary>The token that ends an assistant turn of a template.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">Its text.</param>
internal sealed record EndOfTurn(int Id, string Text)
{
    private const string Probe = "0c1a8d5e";

    /// <summary>Finds it by what the template writes behind an answer; null: no token of the tokenizer.</summary>
    /// <exception cref="DftNativeException">A built-in template's tokens are not the tokenizer's.</exception>
    public static EndOfTurn? Find(ChatTemplate template, Tokenizer tokenizer)
    {
        string text;
        try
        {
            text = template.Render([new ChatMessage("user", "a"), new ChatMessage("assistant", Probe)]).Text;
        }
        catch (JinjaException)
        {
            // What a template has against the probe, it will say of the rows that are like it.
            return null;
        }

        var place = text.LastIndexOf(Probe, StringComparison.Ordinal);
        var rest = place < 0 ? "" : text[(place + Probe.Length)..].TrimStart();
        var ids = tokenizer.Encode(rest);
        if (ids.Length > 0 && (tokenizer.IsSpecial(ids[0]) || tokenizer.EosTokenIds.Contains(ids[0])) && tokenizer.IdToToken(ids[0]) is { } token && rest.StartsWith(token, StringComparison.Ordinal))
            return new EndOfTurn(ids[0], token);
        if (template.IsBuiltIn) throw new DftNativeException(ExitCode.InvalidInput, $"the chat template {template.Name} needs the token {rest.TrimEnd()}, which the tokenizer lacks; give another --chat_template");
        return null;
    }
}
