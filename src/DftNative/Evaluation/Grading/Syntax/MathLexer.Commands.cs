namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathLexer
{
    private void ReadCommand()
    {
        var start = position + 1;
        var end = start;
        while (end < text.Length && char.IsAsciiLetter(text[end])) end++;
        if (end == start)
        {
            ReadShortCommand(start);
            return;
        }

        var name = text[start..end];
        position = end;
        if (name is "left" or "right" or "middle")
        {
            if (CharAt(position) == '.') position++;
        }
        else if (LatexNames.IgnoredWithArgument.Contains(name))
        {
            ReadArgument();
        }
        else if (LatexNames.Texts.Contains(name))
        {
            AddText(ReadArgument());
        }
        else if (LatexNames.Uprights.Contains(name))
        {
            AddUpright(ReadArgument());
        }
        else if (!LatexNames.Ignored.Contains(name))
        {
            AddCommand(name);
        }
    }

    private void ReadShortCommand(int start)
    {
        var next = CharAt(start);
        position = Math.Min(start + 1, text.Length);
        switch (next)
        {
            case '\\':
                AddMark("\\\\");
                if (CharAt(position) == '[') SkipPast(']');
                break;
            case '(' or ')' or '[' or ']' or ',' or '!' or ';' or ':' or '>' or ' ' or '\0' or '-' or '/':
                hasSpace = true;
                break;
            default:
                if (LatexNames.Marks.TryGetValue(next.ToString(), out var mark)) AddMark(mark);
                break;
        }
    }

    private void SkipPast(char end)
    {
        while (position < text.Length && text[position] != end) position++;
        position = Math.Min(position + 1, text.Length);
    }

    private void AddCommand(string name)
    {
        switch (name)
        {
            case "frac" or "dfrac" or "tfrac" or "cfrac":
                Add(MathTokenKind.Command, "frac");
                takesOneDigit = true;
                return;
            case "binom" or "dbinom" or "tbinom":
                Add(MathTokenKind.Command, "binom");
                takesOneDigit = true;
                return;
            case "sqrt" or "cbrt" or "choose" or "over" or "pmod" or "bmod" or "mod":
                Add(MathTokenKind.Command, name);
                return;
            case "begin" or "end":
                var environment = ReadArgument();
                if (environment.StartsWith("array", StringComparison.Ordinal) && name == "begin") ReadArgument();
                Add(MathTokenKind.Command, name + ":" + environment.TrimEnd('*'));
                return;
            case "mathbb":
                var set = ReadArgument();
                Add(MathTokenKind.Symbol, set.Trim() + ":set");
                return;
        }

        if (LatexNames.Marks.TryGetValue(name, out var mark)) AddMark(mark);
        else if (LatexNames.Functions.ContainsKey(name)) Add(MathTokenKind.Function, name);
        else if (LatexNames.Accents.Contains(name)) Add(MathTokenKind.Command, "accent:" + name);
        else Add(MathTokenKind.Symbol, LatexNames.Aliases.GetValueOrDefault(name, name));
    }

    // The content of a group, or one character.
    private string ReadArgument()
    {
        while (position < text.Length && char.IsWhiteSpace(text[position])) position++;
        if (CharAt(position) != '{')
        {
            if (position >= text.Length) return "";
            return text[position++].ToString();
        }

        var start = ++position;
        var depth = 1;
        for (; position < text.Length; position++)
        {
            if (text[position] == '\\')
            {
                position++;
            }
            else if (text[position] == '{')
            {
                depth++;
            }
            else if (text[position] == '}' && --depth == 0)
            {
                return text[start..position++];
            }
        }

        position = text.Length;
        return text[start..];
    }

    // Words stay words, even of one letter; the rest is read as it would be outside.
    private void AddText(string content)
    {
        if (content.Length > 0 && char.IsWhiteSpace(content[0])) hasSpace = true;
        if (CharAt(position) == '_' && content.Length > 1 && char.IsAsciiDigit(content[0]) && content.All(IsBaseDigit))
        {
            Add(MathTokenKind.Number, content);
            return;
        }

        if (content.AsSpan().IndexOfAny("\\$") >= 0)
        {
            AddAll(Split(content, groupsCommas, textDepth + 1, FollowsValue));
            return;
        }

        foreach (var token in Split(content, groupsCommas, textDepth + 1, FollowsValue))
        {
            if (token.Kind == MathTokenKind.Symbol && IsSingleLetter(token.Text))
            {
                var joins = tokens.Count > 0 && tokens[^1].Kind == MathTokenKind.Word && !token.HasSpaceBefore && !hasSpace;
                if (joins) tokens[^1] = tokens[^1] with { Text = tokens[^1].Text + token.Text };
                else AddToken(token with { Kind = MathTokenKind.Word });
            }
            else
            {
                AddToken(token);
            }
        }

        if (content.Length > 0 && char.IsWhiteSpace(content[^1])) hasSpace = true;
    }

    private static bool IsSingleLetter(string value) => value.Length == 1 && IsLetter(value[0]);

    private void AddAll(List<MathToken> added)
    {
        foreach (var token in added) AddToken(token);
    }

    private void AddToken(MathToken token)
    {
        hasSpace |= token.HasSpaceBefore;
        Add(token.Kind, token.Text);
    }

    private void AddUpright(string content)
    {
        var name = content.Trim('~', ' ');
        if (name.Length == 1 && IsLetter(name[0]) && (name is SymbolNames.ImaginaryUnit or SymbolNames.Euler || !FollowsValue))
        {
            Add(MathTokenKind.Symbol, name);
        }
        else if (name.Length > 1 && name.All(IsLetter))
        {
            if (!AddKeyword(name)) Add(MathTokenKind.Word, name);
        }
        else
        {
            AddText(content);
        }
    }
}
