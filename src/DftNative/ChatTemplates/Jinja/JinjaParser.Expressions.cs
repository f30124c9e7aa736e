using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <content>Expressions, from the loosest operator to the tightest.</content>
internal sealed partial class JinjaParser
{
    /// <summary>One expression, or several with commas, which are a tuple.</summary>
    private JinjaExpression ParseTuple(bool allowsConditional = true, string end = "", bool isInBrackets = false)
    {
        var start = Current;
        var items = new List<JinjaExpression>();
        var isTuple = false;
        while (!(Current.Kind is JinjaTokenKind.OutputEnd or JinjaTokenKind.BlockEnd || Current.IsOperator(")") || end.Length > 0 && Current.IsName(end)))
        {
            items.Add(allowsConditional ? ParseExpression() : ParseOr());
            if (!TakeOperator(",")) break;
            isTuple = true;
        }

        if (isTuple) return new SequenceExpression(start.Position, SequenceKind.Tuple, items);
        if (items.Count > 0) return items[0];
        return isInBrackets ? new SequenceExpression(start.Position, SequenceKind.Tuple, []) : throw Unexpected("an expression");
    }

    private JinjaExpression ParseExpression()
    {
        Nest();
        var expression = ParseOr();
        while (Current.IsName("if"))
        {
            var position = Take().Position;
            var condition = ParseOr();
            expression = new ConditionalExpression(position, condition, expression, TakeName("else") ? ParseExpression() : null);
        }

        nesting--;
        return expression;
    }

    private JinjaExpression ParseOr()
    {
        var left = ParseAnd();
        while (Current.IsName("or")) left = new LogicalExpression(Take().Position, true, left, ParseAnd());
        return left;
    }

    private JinjaExpression ParseAnd()
    {
        var left = ParseNot();
        while (Current.IsName("and")) left = new LogicalExpression(Take().Position, false, left, ParseNot());
        return left;
    }

    private JinjaExpression ParseNot()
    {
        if (!Current.IsName("not")) return ParseComparison();
        Nest();
        var not = new UnaryExpression(Take().Position, static value => !JinjaOperators.IsTrue(value), ParseNot());
        nesting--;
        return not;
    }

    private JinjaExpression ParseComparison()
    {
        var first = ParseSum();
        var start = Current;
        var rest = new List<(string, JinjaExpression)>();
        while (true)
        {
            if (Current.Kind == JinjaTokenKind.Operator && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
            {
                rest.Add((Take().Text, ParseSum()));
            }
            else if (TakeName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (Current.IsName("not") && tokens[next + 1].IsName("in"))
            {
                next += 2;
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new ComparisonExpression(start.Position, first, rest);
            }
        }
    }

    private JinjaExpression ParseSum()
    {
        var left = ParseConcatenation();
        while (Current.IsOperator("+") || Current.IsOperator("-"))
        {
            var token = Take();
            left = new BinaryExpression(token.Position, token.Text == "+" ? JinjaOperators.Add : JinjaOperators.Subtract, left, ParseConcatenation());
        }

        return left;
    }

    private JinjaExpression ParseConcatenation()
    {
        var first = ParseProduct();
        if (!Current.IsOperator("~")) return first;
        var position = Current.Position;
        var operands = new List<JinjaExpression> { first };
        while (TakeOperator("~")) operands.Add(ParseProduct());
        return new ConcatenationExpression(position, operands);
    }

    private JinjaExpression ParseProduct()
    {
        var left = ParsePower();
        while (Current.Kind == JinjaTokenKind.Operator && Current.Text is "*" or "/" or "//" or "%")
        {
            var token = Take();
            Func<object, object, object> operation = token.Text switch
            {
                "*" => JinjaOperators.Multiply,
                "/" => JinjaOperators.Divide,
                "//" => JinjaOperators.FloorDivide,
                _ => JinjaOperators.Modulo,
            };
            left = new BinaryExpression(token.Position, operation, left, ParsePower());
        }

        return left;
    }

    private JinjaExpression ParsePower()
    {
        var left = ParseUnary(allowsFilters: true);
        while (Current.IsOperator("**")) left = new BinaryExpression(Take().Position, JinjaOperators.Power, left, ParseUnary(allowsFilters: true));
        return left;
    }

    private JinjaExpression ParseUnary(bool allowsFilters)
    {
        JinjaExpression value;
        if (Current.IsOperator("-") || Current.IsOperator("+"))
        {
            Nest();
            var token = Take();
            value = new UnaryExpression(token.Position, token.Text == "-" ? JinjaOperators.Negate : JinjaOperators.Plus, ParseUnary(allowsFilters: false));
            nesting--;
        }
        else
        {
            value = ParsePrimary();
        }

        value = ParsePostfix(value);
        return allowsFilters ? ParseFiltersAndTests(value) : value;
    }

    private JinjaExpression ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case JinjaTokenKind.Name:
                next++;
                return ParseNameOrConstant(token);
            case JinjaTokenKind.String:
                var text = "";
                while (Current.Kind == JinjaTokenKind.String) text += Take().Text;
                return new LiteralExpression(token.Position, text);
            case JinjaTokenKind.Integer or JinjaTokenKind.Float:
                next++;
                return new LiteralExpression(token.Position, ParseNumber(token));
            case JinjaTokenKind.Operator when token.Text == "(":
                next++;
                Nest();
                var inner = ParseTuple(isInBrackets: true);
                nesting--;
                ExpectOperator(")");
                return inner;
            case JinjaTokenKind.Operator when token.Text == "[":
                next++;
                return new SequenceExpression(token.Position, SequenceKind.List, ParseItems("]", ParseExpression));
            case JinjaTokenKind.Operator when token.Text == "{":
                next++;
                return new MappingExpression(token.Position, ParseItems("}", ParseEntry));
            default:
                throw Unexpected("an expression");
        }
    }

    private JinjaExpression ParseNameOrConstant(JinjaToken token)
    {
        object? constant = token.Text switch
        {
            "true" or "True" => true,
            "false" or "False" => false,
            "none" or "None" => JinjaNone.Value,
            _ => null,
        };
        if (constant is not null) return new LiteralExpression(token.Position, constant);
        foreach (var names in macroNames) names.Add(token.Text);
        return new NameExpression(token.Position, token.Text);
    }

    private object ParseNumber(JinjaToken token)
    {
        if (token.Kind == JinjaTokenKind.Float)
            return double.Parse(token.Text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) ? number : throw Error(token, "the number is too large");
        if (token.Text.Length > JinjaLimits.MaxIntegerBits / 4) throw Error(token, "the integer has too many digits");
        var digits = token.Text.Replace("_", "", StringComparison.Ordinal);
        var radix = digits.Length > 1 ? char.ToLowerInvariant(digits[1]) : ' ';
        if (radix is not ('x' or 'o' or 'b')) return BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        var value = BigInteger.Zero;
        var size = radix == 'x' ? 16 : radix == 'o' ? 8 : 2;
        foreach (var digit in digits[2..])
        {
            var code = Convert.ToInt32(digit.ToString(), 16);
            value = code < size ? value * size + code : throw Error(token, $"'{token.Text}' is no integer");
        }

        return value;
    }

    private List<T> ParseItems<T>(string end, Func<T> parse)
    {
        var items = new List<T>();
        while (!Current.IsOperator(end))
        {
            if (items.Count > 0) ExpectOperator(",");
            if (Current.IsOperator(end)) break;
            items.Add(parse());
        }

        ExpectOperator(end);
        return items;
    }

    private KeyValuePair<JinjaExpression, JinjaExpression> ParseEntry()
    {
        var key = ParseExpression();
        ExpectOperator(":");
        return KeyValuePair.Create(key, ParseExpression());
    }

    private JinjaExpression ParsePostfix(JinjaExpression value)
    {
        while (true)
        {
            var position = Current.Position;
            if (TakeOperator("."))
                value = ParseAttribute(value, position);
            else if (TakeOperator("["))
                value = ParseItem(value, position);
            else if (Current.IsOperator("("))
                value = new CallExpression(position, value, ParseArguments());
            else
                return value;
        }
    }

    private JinjaExpression ParseAttribute(JinjaExpression value, int position)
    {
        var token = Take();
        return token.Kind switch
        {
            JinjaTokenKind.Name => new AttributeExpression(position, value, token.Text),
            JinjaTokenKind.Integer => new ItemExpression(position, value, new LiteralExpression(token.Position, ParseNumber(token))),
            _ => throw Error(token, "a name or number is expected after '.'"),
        };
    }

    private JinjaExpression ParseItem(JinjaExpression value, int position)
    {
        var start = Current.IsOperator(":") ? null : ParseExpression();
        if (!Current.IsOperator(":"))
        {
            var keys = new List<JinjaExpression> { start! };
            while (TakeOperator(",")) keys.Add(ParseExpression());
            ExpectOperator("]");
            return new ItemExpression(position, value, keys.Count == 1 ? start! : new SequenceExpression(position, SequenceKind.Tuple, keys));
        }

        next++;
        var stop = Current.IsOperator(":") || Current.IsOperator("]") ? null : ParseExpression();
        var step = TakeOperator(":") && !Current.IsOperator("]") ? ParseExpression() : null;
        ExpectOperator("]");
        return new SliceExpression(position, value, start, stop, step);
    }

    private JinjaExpression ParseFiltersAndTests(JinjaExpression value)
    {
        while (true)
        {
            if (Current.IsOperator("|"))
                value = ParseFilters(value, isNameNext: false);
            else if (Current.IsName("is"))
                value = ParseTest(value);
            else if (Current.IsOperator("("))
                value = new CallExpression(Current.Position, value, ParseArguments());
            else
                return value;
        }
    }

    /// <summary>One filter after another.</summary>
    /// <param name="value">What is filtered; null: what a block writes.</param>
    /// <param name="isNameNext">Whether the first <c>|</c> is left out, as in a filter tag.</param>
    private FilterExpression ParseFilters(JinjaExpression? value, bool isNameNext)
    {
        while (isNameNext || TakeOperator("|"))
        {
            var token = Expect(JinjaTokenKind.Name, "the name of a filter");
            value = new FilterExpression(token.Position, value, token.Text, Current.IsOperator("(") ? ParseArguments() : ArgumentList.None);
            isNameNext = false;
        }

        return (FilterExpression)value!;
    }

    private TestExpression ParseTest(JinjaExpression value)
    {
        next++;
        var isNegated = TakeName("not");
        var token = Expect(JinjaTokenKind.Name, "the name of a test");
        var arguments = ArgumentList.None;
        if (Current.IsOperator("("))
        {
            arguments = ParseArguments();
        }
        else if (Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.String or JinjaTokenKind.Integer or JinjaTokenKind.Float || Current.IsOperator("[") || Current.IsOperator("{"))
        {
            if (Current.IsName("is")) throw Error(Current, "tests cannot be chained; use 'and'");
            if (!(Current.Kind == JinjaTokenKind.Name && Current.Text is "else" or "or" or "and"))
                arguments = new ArgumentList([ParsePostfix(ParsePrimary())], [], null, null);
        }

        return new TestExpression(token.Position, value, token.Text, arguments, isNegated);
    }

    private ArgumentList ParseArguments()
    {
        ExpectOperator("(");
        var positional = new List<JinjaExpression>();
        var keywords = new List<KeyValuePair<string, JinjaExpression>>();
        JinjaExpression? unpacked = null, unpackedKeywords = null;
        while (!Current.IsOperator(")"))
        {
            var token = Current;
            if (TakeOperator("*"))
            {
                if (unpacked is not null || unpackedKeywords is not null) throw Error(token, "'*' is not expected here");
                unpacked = ParseExpression();
            }
            else if (TakeOperator("**"))
            {
                if (unpackedKeywords is not null) throw Error(token, "'**' is not expected here");
                unpackedKeywords = ParseExpression();
            }
            else if (token.Kind == JinjaTokenKind.Name && tokens[next + 1].IsOperator("="))
            {
                if (unpackedKeywords is not null) throw Error(token, "a keyword argument is not expected here");
                next += 2;
                keywords.Add(KeyValuePair.Create(token.Text, ParseExpression()));
            }
            else
            {
                if (unpacked is not null || unpackedKeywords is not null || keywords.Count > 0) throw Error(token, "a positional argument is not expected here");
                positional.Add(ParseExpression());
            }

            if (!Current.IsOperator(")")) ExpectOperator(",");
        }

        next++;
        return new ArgumentList(positional, keywords, unpacked, unpackedKeywords);
    }
}
