namespace DftNative.ChatTemplates.Jinja;

/// <summary>Makes statements and expressions of a template's tokens, by Jinja2's grammar.</summary>
internal sealed partial class JinjaParser
{
    private static readonly HashSet<string> Constants = ["true", "false", "none", "True", "False", "None"];

    private readonly string source;
    private readonly IReadOnlyList<JinjaToken> tokens;
    private readonly List<HashSet<string>> macroNames = [];
    private int next;
    private int nesting;
    private int loops;

    private JinjaParser(string source)
    {
        this.source = source;
        tokens = JinjaLexer.Tokenize(source);
    }

    private JinjaToken Current => tokens[next];

    /// <summary>The statements of a template whose line breaks are <c>\n</c>.</summary>
    /// <exception cref="JinjaException">It is malformed, or uses what is not supported.</exception>
    public static IReadOnlyList<JinjaStatement> Parse(string source) => new JinjaParser(source).ParseBody();

    /// <summary>Statements up to one of the tags that end them, whose name is then the current token; at the top up to the end.</summary>
    private List<JinjaStatement> ParseBody(params ReadOnlySpan<string> ends)
    {
        var body = new List<JinjaStatement>();
        Nest();
        while (true)
        {
            var token = Take();
            switch (token.Kind)
            {
                case JinjaTokenKind.Text:
                    body.Add(new TextStatement(token.Position, token.Text));
                    break;
                case JinjaTokenKind.OutputBegin:
                    body.Add(new OutputStatement(token.Position, ParseTuple()));
                    Expect(JinjaTokenKind.OutputEnd, "'}}'");
                    break;
                case JinjaTokenKind.BlockBegin:
                    if (Current.Kind == JinjaTokenKind.Name && ends.Contains(Current.Text))
                    {
                        nesting--;
                        return body;
                    }

                    body.Add(ParseStatement());
                    Expect(JinjaTokenKind.BlockEnd, "'%}'");
                    break;
                default:
                    if (ends.Length > 0) throw Error(token, $"the template ends before '{ends[^1]}'");
                    return body;
            }
        }
    }

    /// <summary>The body of a block, its end tag's name taken.</summary>
    private List<JinjaStatement> ParseBlock(string end)
    {
        BeginBlock();
        var body = ParseBody(end);
        next++;
        return body;
    }

    /// <summary>A body whose output is kept apart, so that no loop around it can be left from it.</summary>
    private List<JinjaStatement> ParseCapturedBlock(string end)
    {
        var outerLoops = loops;
        loops = 0;
        var body = ParseBlock(end);
        loops = outerLoops;
        return body;
    }

    private void BeginBlock()
    {
        TakeOperator(":");
        Expect(JinjaTokenKind.BlockEnd, "'%}'");
    }

    private JinjaStatement ParseStatement()
    {
        var tag = Expect(JinjaTokenKind.Name, "the name of a tag");
        switch (tag.Text)
        {
            case "for":
                return ParseFor(tag);
            case "if":
                return ParseIf(tag);
            case "set":
                return ParseSet(tag);
            case "macro":
                var name = ParseName();
                return new MacroStatement(tag.Position, name, ParseMacro(name, ParseParameters(), "endmacro"));
            case "call":
                return ParseCallBlock(tag);
            case "filter":
                var filter = ParseFilters(null, isNameNext: true);
                return new FilterBlockStatement(tag.Position, filter, ParseCapturedBlock("endfilter"));
            case "with":
                return ParseWith(tag);
            case "generation":
                return new GenerationStatement(tag.Position, ParseCapturedBlock("endgeneration"));
            case "break" or "continue":
                if (loops == 0) throw Error(tag, $"'{tag.Text}' is not inside a loop");
                return new LoopControlStatement(tag.Position, tag.Text == "break" ? JinjaFlow.Break : JinjaFlow.Continue);
            default:
                throw Error(tag, $"the tag '{tag.Text}' is not expected or not supported");
        }
    }

    private ForStatement ParseFor(JinjaToken tag)
    {
        var target = ParseTarget(allowsNamespace: false, "in");
        if (!TakeName("in")) throw Error(Current, "'in' is expected");
        var iterable = ParseTuple(allowsConditional: false, "recursive");
        var filter = TakeName("if") ? ParseExpression() : null;
        if (TakeName("recursive")) throw Error(tag, "recursive loops are not supported");
        loops++;
        BeginBlock();
        var body = ParseBody("else", "endfor");
        loops--;
        var otherwise = Take().Text == "else" ? ParseBlock("endfor") : [];
        return new ForStatement(tag.Position, target, iterable, filter, body, otherwise);
    }

    private IfStatement ParseIf(JinjaToken tag)
    {
        var branches = new List<(JinjaExpression, IReadOnlyList<JinjaStatement>)>();
        while (true)
        {
            var condition = ParseTuple(allowsConditional: false);
            BeginBlock();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
            var end = Take().Text;
            if (end == "elif") continue;
            return new IfStatement(tag.Position, branches, end == "else" ? ParseBlock("endif") : []);
        }
    }

    private JinjaStatement ParseSet(JinjaToken tag)
    {
        var target = ParseTarget(allowsNamespace: true);
        if (TakeOperator("=")) return new SetStatement(tag.Position, target, ParseTuple());
        var filter = Current.IsOperator("|") ? ParseFilters(null, isNameNext: false) : null;
        return new SetBlockStatement(tag.Position, target, filter, ParseCapturedBlock("endset"));
    }

    private CallBlockStatement ParseCallBlock(JinjaToken tag)
    {
        var parameters = Current.IsOperator("(") ? ParseParameters() : [];
        if (ParseExpression() is not CallExpression call) throw Error(tag, "a call block needs a call");
        return new CallBlockStatement(tag.Position, call, ParseMacro("caller", parameters, "endcall"));
    }

    private WithStatement ParseWith(JinjaToken tag)
    {
        var assignments = new List<(AssignmentTarget, JinjaExpression)>();
        while (Current.Kind != JinjaTokenKind.BlockEnd)
        {
            if (assignments.Count > 0) ExpectOperator(",");
            var target = ParseTarget(allowsNamespace: false);
            ExpectOperator("=");
            assignments.Add((target, ParseExpression()));
        }

        return new WithStatement(tag.Position, assignments, ParseBlock("endwith"));
    }

    private List<(string Name, JinjaExpression? Default)> ParseParameters()
    {
        var parameters = new List<(string Name, JinjaExpression? Default)>();
        ExpectOperator("(");
        while (!Current.IsOperator(")"))
        {
            if (parameters.Count > 0) ExpectOperator(",");
            var token = Current;
            var name = ParseName();
            var value = TakeOperator("=") ? ParseExpression() : null;
            if (value is null && parameters.Count > 0 && parameters[^1].Default is not null) throw Error(token, $"the parameter '{name}' needs a default, as one before it has one");
            parameters.Add((name, value));
        }

        ExpectOperator(")");
        return parameters;
    }

    private MacroDefinition ParseMacro(string name, List<(string Name, JinjaExpression? Default)> parameters, string end)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        macroNames.Add(names);
        var body = ParseCapturedBlock(end);
        macroNames.RemoveAt(macroNames.Count - 1);
        return new MacroDefinition(name, parameters, body, names);
    }

    /// <summary>A name, several names with commas or in brackets, or a namespace's attribute.</summary>
    private AssignmentTarget ParseTarget(bool allowsNamespace, string end = "")
    {
        var targets = new List<AssignmentTarget>();
        var isTuple = false;
        while (true)
        {
            if (targets.Count > 0 && (Current.Kind is JinjaTokenKind.BlockEnd || Current.IsOperator("=") || Current.IsOperator(")") || Current.IsName(end))) break;
            if (TakeOperator("("))
            {
                Nest();
                targets.Add(ParseTarget(allowsNamespace: false));
                nesting--;
                ExpectOperator(")");
            }
            else
            {
                var name = ParseName();
                targets.Add(new AssignmentTarget(name, allowsNamespace && !isTuple && TakeOperator(".") ? Expect(JinjaTokenKind.Name, "the name of an attribute").Text : null, null));
            }

            if (!TakeOperator(",")) break;
            isTuple = true;
        }

        return isTuple ? new AssignmentTarget(null, null, targets) : targets[0];
    }

    private string ParseName()
    {
        var token = Expect(JinjaTokenKind.Name, "a name");
        return Constants.Contains(token.Text) ? throw Error(token, $"'{token.Text}' cannot be set") : token.Text;
    }

    private JinjaToken Take() => Current.Kind == JinjaTokenKind.End ? Current : tokens[next++];

    private bool TakeName(string name)
    {
        if (!Current.IsName(name)) return false;
        next++;
        return true;
    }

    private bool TakeOperator(string symbol)
    {
        if (!Current.IsOperator(symbol)) return false;
        next++;
        return true;
    }

    private JinjaToken Expect(JinjaTokenKind kind, string what) => Current.Kind == kind ? Take() : throw Unexpected(what);

    private void ExpectOperator(string symbol)
    {
        if (!TakeOperator(symbol)) throw Unexpected($"'{symbol}'");
    }

    private void Nest()
    {
        if (++nesting > JinjaLimits.MaxSyntaxDepth) throw Error(Current, $"the template's source nests more than {JinjaLimits.MaxSyntaxDepth} deep, which is the limit");
    }

    private JinjaException Unexpected(string expected)
    {
        var found = Current.Kind == JinjaTokenKind.End ? "the template ends" : $"'{(Current.Text.Length > 40 ? Current.Text[..40] + "…" : Current.Text)}' is found";
        return Error(Current, $"{expected} is expected, but {found}");
    }

    private JinjaException Error(JinjaToken token, string message) => JinjaPosition.Error(source, token.Position, message);
}
