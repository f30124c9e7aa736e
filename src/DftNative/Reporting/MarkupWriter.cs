using System.Globalization;
using System.Text;

namespace DftNative.Reporting;

/// <summary>
/// Writes markup that is at once HTML and well-formed XML: every element is closed, every text and attribute escaped,
/// characters that XML cannot hold replaced. So a chart cannot break the page that it stands in, whatever its labels say.
/// </summary>
public sealed class MarkupWriter
{
    private readonly StringBuilder text = new();
    private readonly Stack<string> open = new();

    /// <summary>Opens an element.</summary>
    /// <param name="name">The tag, a constant of the caller's.</param>
    /// <param name="attributes">Names (constants) and values (any text).</param>
    public MarkupWriter Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        OpenTag(name, attributes);
        text.Append('>');
        open.Push(name);
        return this;
    }

    /// <summary>Closes the innermost open element.</summary>
    public MarkupWriter Close()
    {
        text.Append("</").Append(open.Pop()).Append('>');
        return this;
    }

    /// <summary>An element without content.</summary>
    public MarkupWriter Empty(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        OpenTag(name, attributes);
        text.Append("/>");
        return this;
    }

    /// <summary>An element that holds text only.</summary>
    public MarkupWriter Element(string name, string content, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(name, attributes).Text(content).Close();

    /// <summary>Text, escaped.</summary>
    public MarkupWriter Text(string content)
    {
        AppendEscaped(content);
        return this;
    }

    /// <summary>A line break between elements, for whoever reads the source.</summary>
    public MarkupWriter NewLine()
    {
        text.Append('\n');
        return this;
    }

    /// <summary>Markup written by another <see cref="MarkupWriter"/>, or a constant: not escaped.</summary>
    public MarkupWriter Raw(string markup)
    {
        text.Append(markup);
        return this;
    }

    /// <summary>The markup so far.</summary>
    /// <exception cref="InvalidOperationException">An element is still open.</exception>
    public override string ToString() =>
        open.Count == 0 ? text.ToString() : throw new InvalidOperationException($"<{open.Peek()}> is not closed.");

    /// <summary>A coordinate or length: at most two decimals, with a point.</summary>
    internal static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private void OpenTag(string name, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        text.Append('<').Append(name);
        foreach (var (attribute, value) in attributes)
        {
            text.Append(' ').Append(attribute).Append("=\"");
            AppendEscaped(value);
            text.Append('"');
        }
    }

    private void AppendEscaped(string content)
    {
        foreach (var rune in content.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '<': text.Append("&lt;"); break;
                case '>': text.Append("&gt;"); break;
                case '&': text.Append("&amp;"); break;
                case '"': text.Append("&quot;"); break;
                case '\'': text.Append("&#39;"); break;
                case '\t' or '\n' or '\r': text.Append((char)rune.Value); break;
                case < 0x20 or 0xFFFE or 0xFFFF: text.Append('\uFFFD'); break;
                default: text.Append(rune.ToString()); break;
            }
        }
    }
}
