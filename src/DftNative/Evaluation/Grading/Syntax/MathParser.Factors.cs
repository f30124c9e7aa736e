using System.Globalization;
using System.Text;
using DftNative.Evaluation.Grading.Arithmetic;
using DftNative.Evaluation.Grading.Units;

namespace DftNative.Evaluation.Grading.Syntax;

internal sealed partial class MathParser
{
    // A primary with its powers, factorials and degrees.
    private MathNode ParseFactor()
    {
        Enter();
        var factor = ParsePostfix(ParsePrimary());
        depth--;
        return factor;
    }

    private MathNode ParsePostfix(MathNode operand)
    {
        for (var count = 0; ; count++)
        {
            if (count > MaxPostfixes) throw Unexpected();
            if (TakeMark("!"))
                operand = new FunctionNode(TakeMark("!") ? FunctionKind.DoubleFactorial : FunctionKind.Factorial, "", [operand]);
            else if (TakeMark("°"))
                operand = TakeDegree(operand);
            else if (TakeMark("^"))
                operand = ParseExponent(operand);
            else if (operand is NumberNode { LastPlace: null } digits && IsRadix())
                operand = ParseRadix(digits.Text);
            else
                return operand;
        }
    }

    private MathNode TakeDegree(MathNode operand)
    {
        if (Current.Kind is MathTokenKind.Symbol or MathTokenKind.Word && Current.Text is "C" or "F")
            return new QuantityNode(operand, UnitTable.Find(Next().Text == "C" ? "celsius" : "fahrenheit")!);
        return new FunctionNode(FunctionKind.Degrees, "", [operand]);
    }

    private MathNode ParseExponent(MathNode operand)
    {
        if (TakeMark("°")) return TakeDegree(operand);
        if (Current.IsMark("{") && Peek(1).IsMark("°") && Peek(2).IsMark("}"))
        {
            position += 3;
            return TakeDegree(operand);
        }

        Enter();
        var sign = TakeSign();
        MathNode exponent;
        if (Current.IsMark("{"))
        {
            exponent = ParseGroup();
        }
        else
        {
            exponent = ParsePrimary();
            if (TakeMark("^")) exponent = ParseExponent(exponent);
        }

        depth--;
        return new PowerNode(operand, sign is { } negative ? new SignNode(negative, exponent) : exponent);
    }

    // The base of digits, behind _ or the word.
    private BaseNumberNode ParseRadix(string digits)
    {
        position++;
        var radix = ParseArgument() is NumberNode { Value.IsInteger: true } number && number.Value <= new Rational(36) ? (int)number.Value.Numerator : 0;
        if (radix < 2 || digits.Length == 0 || digits.Any(digit => BaseNumberNode.DigitOf(digit) >= radix)) throw Unexpected();
        return new BaseNumberNode(digits, radix);
    }

    private bool IsRadix() => Current.IsMark("_") || (Current.Kind == MathTokenKind.Word && Current.Text == "base" && Peek(1).Kind is MathTokenKind.Number or MathTokenKind.Word);

    private MathNode ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case MathTokenKind.Number when token.Text.AsSpan().IndexOfAnyInRange('A', 'F') >= 0:
                position++;
                return ParseRadix(token.Text);
            case MathTokenKind.Number:
                return ParseNumber();
            case MathTokenKind.Symbol:
                position++;
                return ParseSymbol(token.Text);
            case MathTokenKind.Word:
                return ParseWords();
            case MathTokenKind.Function:
                position++;
                return ParseFunction(LatexNames.Functions[token.Text], token.Text);
            case MathTokenKind.Command:
                position++;
                return ParseCommand(token.Text);
            case MathTokenKind.Mark:
                return ParseBrackets(token.Text);
            default:
                throw Unexpected();
        }
    }

    private NumberNode ParseNumber()
    {
        var number = NumberText.Parse(Next().Text);
        var isRepeating = number.LastPlace is not null && (Current.IsCommand("accent:overline") || Current.IsCommand("accent:bar") || Current.IsCommand("accent:dot"));
        if (!isRepeating) return number;
        position++;
        Expect("{");
        var period = Next();
        Expect("}");
        if (period.Kind != MathTokenKind.Number || !period.Text.All(char.IsAsciiDigit)) throw Unexpected();
        return NumberText.Repeat(number, period.Text);
    }

    private MathNode ParseSymbol(string name)
    {
        name = ParseDecorations(name);
        if (name[0] is 'f' or 'g' or 'h' && Current.IsMark("^") && Peek(1).IsMark("{") && Peek(2).IsMark("-") && Peek(3).Text == "1" && Peek(4).IsMark("}") && Peek(5).IsMark("("))
        {
            position += 5;
            name += "^-1";
        }

        var symbol = new SymbolNode(name);
        if (symbol.IsConstant || !Current.IsMark("(")) return symbol;

        // f(x) is no product, nor are P(3) and x(0); n(n+1) and x(3) are.
        var isInitialValue = Peek(1).Kind == MathTokenKind.Number && Peek(2).IsMark(")") && (char.IsAsciiLetterUpper(name[0]) || Peek(1).Text == "0");
        if (name[0] is not ('f' or 'g' or 'h' or 'F' or 'G') && !isInitialValue) return symbol;
        position++;
        return new FunctionNode(FunctionKind.Unknown, name, ParseArguments());
    }

    private List<MathNode> ParseArguments()
    {
        var bars = openBars;
        openBars = 0;
        var arguments = ParseItems(out _);
        Expect(")");
        openBars = bars;
        return arguments;
    }

    // Primes and subscripts belong to the name.
    private string ParseDecorations(string name)
    {
        while (true)
        {
            if (TakeMark("'"))
            {
                name += "'";
            }
            else if (Current.IsMark("^") && Peek(1).IsMark("'"))
            {
                position += 2;
                name += "'";
            }
            else if (Current.IsMark("^") && Peek(1).IsMark("{") && Peek(2).IsMark("'"))
            {
                position += 2;
                while (TakeMark("'")) name += "'";
                Expect("}");
            }
            else if (TakeMark("_"))
            {
                name += "_" + ReadName();
            }
            else
            {
                return name;
            }
        }
    }

    // A group's tokens as text.
    private string ReadName()
    {
        if (!Current.IsMark("{")) return Next().Text;
        var name = new StringBuilder();
        var braces = 0;
        do
        {
            var token = Next();
            if (token.IsMark("{")) braces++;
            else if (token.IsMark("}")) braces--;
            else name.Append(token.Text);
        }
        while (braces > 0);
        return name.ToString();
    }

    private MathNode ParseWords()
    {
        if (ParseNumberInWords() is { } number) return number;
        var words = new StringBuilder();
        while (Current.Kind == MathTokenKind.Word)
        {
            var word = Next().Text;
            if (word.ToLowerInvariant() is not ("the" or "a" or "an")) words.Append(word.ToLowerInvariant());
        }

        if (Current.IsMark(".") && position + 1 == tokens.Count) position++;
        if (words.Length == 0 || !(IsClosing(Current) || RelationSign(Current) != '\0' || Current.IsMark(",") || Current.IsMark(";") || Current.IsMark("or"))) throw Unexpected();
        return new SymbolNode(words.ToString()) { IsWord = true };
    }

    // Twenty-one, one hundred, three quarters, third. One hundred's second word is a multiplier, as that of 6 hundred.
    private MathNode? ParseNumberInWords()
    {
        if (NumberWords.Ordinal(Current.Text) is { } place && Peek(1).Kind != MathTokenKind.Word)
        {
            position++;
            return WholeNumber(place);
        }

        if (NumberWords.Cardinal(Current.Text) is not { } value) return null;
        var length = 1;
        if (NumberWords.Ten(Current.Text) is not null)
        {
            var hyphen = Peek(1).IsMark("-") ? 1 : 0;
            if (NumberWords.Cardinal(Peek(1 + hyphen).Text ?? "") is { } unit and > 0 and < 10) (value, length) = (value + unit, 2 + hyphen);
        }

        var skipped = Peek(length).IsMark("-") ? 1 : 0;
        if (length == 1 && NumberWords.Part(Peek(1 + skipped).Text ?? "") is { } parts && Peek(1 + skipped).Kind == MathTokenKind.Word)
        {
            position += 2 + skipped;
            return new ProductNode([WholeNumber(value), new PowerNode(WholeNumber(parts), Number(-Rational.One))]);
        }

        if (Peek(length) is { Kind: MathTokenKind.Word } next && UnitTable.Multiplier(next.Text) is null) return null;
        position += length;
        return WholeNumber(value);
    }

    private static NumberNode WholeNumber(int value) => NumberText.Parse(value.ToString(CultureInfo.InvariantCulture));

    private MathNode ParseFunction(FunctionKind kind, string name)
    {
        MathNode? power = null;
        MathNode? radix = null;
        while (true)
        {
            if (kind == FunctionKind.Log && TakeMark("_")) radix = ParseArgument();
            else if (TakeMark("^")) power = ParseArgument();
            else break;
        }

        // \max and \min may name a subscript's function only; what they range over is not read.
        if (kind is FunctionKind.Min or FunctionKind.Max or FunctionKind.Gcd or FunctionKind.Lcm && !Current.IsMark("(") && !Current.IsMark("\\{")) throw Unexpected();
        var isInverse = power is SignNode { Sign: TermSign.Minus, Operand: NumberNode { Text: "1" } };
        if (isInverse)
        {
            power = null;
            kind = kind switch
            {
                FunctionKind.Sin => FunctionKind.Arcsin,
                FunctionKind.Cos => FunctionKind.Arccos,
                FunctionKind.Tan => FunctionKind.Arctan,
                _ => throw Unexpected(),
            };
        }

        var arguments = ParseFunctionArguments();
        if (kind == FunctionKind.Log) arguments.Add(radix ?? (name == "log" || name == "lg" ? new NumberNode(new Rational(10), "10") : throw Unexpected()));
        else if (kind is not (FunctionKind.Min or FunctionKind.Max or FunctionKind.Gcd or FunctionKind.Lcm) && arguments.Count != 1) throw Unexpected();
        var function = new FunctionNode(kind, "", arguments);
        return power is null ? function : new PowerNode(function, power);
    }

    private List<MathNode> ParseFunctionArguments()
    {
        if (TakeMark("(")) return ParseArguments();
        if (Current.IsMark("\\{") && ParsePrimary() is GroupNode { IsSet: true } set) return [.. set.Children];
        if (Current.IsMark("{") || Current.IsMark("[")) return [ParseFactor()];
        if (Current.Kind == MathTokenKind.Function) return [ParseFactor()];
        var sign = TakeSign();
        var factors = new List<MathNode>();
        while (StartsFactor(Current) && Current.Kind != MathTokenKind.Function && !(factors.Count > 0 && (Current.IsMark("(") || Current.IsMark("["))))
            factors.Add(ParseFactor());
        if (factors.Count == 0) throw Unexpected();
        MathNode argument = factors.Count == 1 ? factors[0] : new ProductNode(factors);
        return [sign is { } negative ? new SignNode(negative, argument) : argument];
    }

    private MathNode ParseCommand(string command)
    {
        switch (command)
        {
            case "frac":
                var numerator = ParseArgument();
                return new ProductNode([numerator, new PowerNode(ParseArgument(), Number(-Rational.One))]);
            case "binom":
                var upper = ParseArgument();
                return new FunctionNode(FunctionKind.Binomial, "", [upper, ParseArgument()]);
            case "sqrt":
                MathNode degree = Number(new Rational(2));
                if (TakeMark("["))
                {
                    degree = ParseSum();
                    Expect("]");
                }

                return new FunctionNode(FunctionKind.Root, "", [ParseArgument(), degree]);
            case "cbrt":
                return new FunctionNode(FunctionKind.Root, "", [ParseArgument(), Number(new Rational(3))]);
        }

        if (command.StartsWith("accent:", StringComparison.Ordinal)) return ParseSymbol(string.Create(CultureInfo.InvariantCulture, $"{command}({ReadName()})"));
        return command.StartsWith("begin:", StringComparison.Ordinal) ? ParseMatrix(command["begin:".Length..]) : throw Unexpected();
    }

    // What stands in braces, or one primary.
    private MathNode ParseArgument()
    {
        if (Current.IsMark("{")) return ParseGroup();
        var sign = TakeSign();
        Enter();
        var argument = ParsePrimary();
        depth--;
        return sign is { } negative ? new SignNode(negative, argument) : argument;
    }
}
