namespace DftNative.ChatTemplates.Jinja;

/// <summary>
/// A chat template in Jinja, set up as transformers does it: <c>trim_blocks</c>, <c>lstrip_blocks</c>, an immutable
/// sandbox, loop controls, generation blocks, and its <c>tojson</c>, <c>raise_exception</c> and <c>strftime_now</c>.
/// A template is not trusted: it reaches no file, environment or process, and steps, depth and output are bounded.
/// </summary>
public sealed class JinjaTemplate
{
    private readonly IReadOnlyList<JinjaStatement> statements;

    private JinjaTemplate(string source)
    {
        Source = source;
        statements = JinjaParser.Parse(source);
    }

    /// <summary>The template, its line breaks made <c>\n</c> and the last one taken off, as Jinja reads it.</summary>
    public string Source { get; }

    /// <summary>Reads a template.</summary>
    /// <exception cref="JinjaException">It is malformed, or uses what is not supported.</exception>
    public static JinjaTemplate Parse(string template)
    {
        var source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (source.Length > JinjaLimits.MaxSourceLength) throw new JinjaException($"the chat template has more than {JinjaLimits.MaxSourceLength} characters, which is the limit", 1, 1);
        return new JinjaTemplate(source.EndsWith('\n') ? source[..^1] : source);
    }

    /// <summary>Renders it.</summary>
    /// <param name="variables">Names and values, as <see cref="JinjaJson"/> makes them.</param>
    /// <param name="clock">The time that <c>strftime_now</c> reads.</param>
    /// <exception cref="JinjaException">It fails, refuses what it is given, or passes a limit.</exception>
    internal JinjaRendering Render(IReadOnlyDictionary<string, object> variables, Func<DateTime> clock)
    {
        var state = new RenderState(Source, variables, clock);
        state.Run(statements);
        return state.Result;
    }
}
