using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's operators.</summary>
internal static class JinjaOperators
{
    /// <summary>Whether the value counts as true.</summary>
    public static bool IsTrue(object value) => value switch
    {
        bool truth => truth,
        JinjaNone or JinjaUndefined => false,
        string text => text.Length > 0,
        BigInteger integer => !integer.IsZero,
        double number => number != 0,
        JinjaSequence sequence => sequence.Items.Count > 0,
        JinjaMapping mapping => mapping.Count > 0,
        JinjaView view => view.Items.Count > 0,
        _ => true,
    };

    /// <summary><c>left + right</c>.</summary>
    public static object Add(object left, object right)
    {
        switch (left, right)
        {
            case (string first, string second):
                JinjaLimits.CheckTextLength((long)first.Length + second.Length);
                return first + second;
            case (JinjaSequence first, JinjaSequence second) when first.Kind == second.Kind && first.Kind != SequenceKind.Range:
                JinjaLimits.CheckItemCount((long)first.Items.Count + second.Items.Count);
                return new JinjaSequence(first.Kind, [.. first.Items, .. second.Items]);
            default:
                return Arithmetic("+", left, right, BigInteger.Add, static (x, y) => x + y);
        }
    }

    /// <summary><c>left - right</c>.</summary>
    public static object Subtract(object left, object right) => Arithmetic("-", left, right, BigInteger.Subtract, static (x, y) => x - y);

    /// <summary><c>left * right</c>, repetition included.</summary>
    public static object Multiply(object left, object right)
    {
        if (left is string or JinjaSequence && JinjaNumber.TryGetInteger(right, out _)) return Repeat(left, right);
        if (right is string or JinjaSequence && JinjaNumber.TryGetInteger(left, out _)) return Repeat(right, left);
        return Arithmetic("*", left, right, BigInteger.Multiply, static (x, y) => x * y);
    }

    /// <summary><c>left / right</c>.</summary>
    public static object Divide(object left, object right)
    {
        RequireNumbers("/", left, right);
        return JinjaNumber.ToDouble(left) / NonZero(JinjaNumber.ToDouble(right));
    }

    /// <summary><c>left // right</c>, towards −∞.</summary>
    public static object FloorDivide(object left, object right)
    {
        return Arithmetic("//", left, right, FloorDivide, static (x, y) =>
        {
            // As CPython: the remainder decides, so that x == (x // y) * y + x % y holds as well as it can.
            var quotient = (x - FloorModulo(x, NonZero(y))) / y;
            return quotient == 0 ? Math.CopySign(0, x / y) : Math.Floor(quotient) + (quotient - Math.Floor(quotient) > 0.5 ? 1 : 0);
        });

        static BigInteger FloorDivide(BigInteger x, BigInteger y)
        {
            var quotient = BigInteger.DivRem(x, NonZero(y), out var remainder);
            return !remainder.IsZero && remainder.Sign != y.Sign ? quotient - 1 : quotient;
        }
    }

    /// <summary><c>left % right</c>: the remainder with the divisor's sign, or a text's formatting.</summary>
    public static object Modulo(object left, object right)
    {
        return left is string format ? PercentFormat.Apply(format, right) : Arithmetic("%", left, right, FloorModulo, static (x, y) => JinjaOperators.FloorModulo(x, NonZero(y)));

        static BigInteger FloorModulo(BigInteger x, BigInteger y)
        {
            var remainder = BigInteger.Remainder(x, NonZero(y));
            return !remainder.IsZero && remainder.Sign != y.Sign ? remainder + y : remainder;
        }
    }

    /// <summary><c>left ** right</c>.</summary>
    public static object Power(object left, object right)
    {
        RequireNumbers("**", left, right);
        if (JinjaNumber.TryGetInteger(left, out var x) && JinjaNumber.TryGetInteger(right, out var y) && y.Sign >= 0)
        {
            if (x.IsZero || x.IsOne) return y.IsZero ? BigInteger.One : x;
            if (x == BigInteger.MinusOne) return y.IsEven ? BigInteger.One : x;
            var bits = (x.GetBitLength() - 1) * (double)y;
            if (bits > JinjaLimits.MaxIntegerBits) throw new JinjaValueException($"an integer has more than {JinjaLimits.MaxIntegerBits} bits, which is the limit");
            return JinjaNumber.Checked(BigInteger.Pow(x, (int)y));
        }

        var (number, exponent) = (JinjaNumber.ToDouble(left), JinjaNumber.ToDouble(right));
        if (number == 0 && exponent < 0) throw new JinjaValueException("0 cannot be raised to a negative power");
        var result = Math.Pow(number, exponent);
        if (double.IsNaN(result) && !double.IsNaN(number) && !double.IsNaN(exponent)) throw new JinjaValueException("complex numbers are not supported");
        return double.IsInfinity(result) && double.IsFinite(number) && double.IsFinite(exponent) ? throw new JinjaValueException("the result of ** is too large") : result;
    }

    /// <summary><c>-value</c>.</summary>
    public static object Negate(object value) => value is double number ? -number : JinjaNumber.TryGetInteger(value, out var integer) ? -integer : throw Unsupported("-", value);

    /// <summary><c>+value</c>.</summary>
    public static object Plus(object value) => value is double ? value : JinjaNumber.TryGetInteger(value, out var integer) ? integer : throw Unsupported("+", value);

    /// <summary>The order of two values for <c>&lt;</c> and sorting; null where they have none (NaN).</summary>
    /// <exception cref="JinjaValueException">Their types have no order.</exception>
    public static int? Compare(object left, object right, string symbol = "<")
    {
        switch (left, right)
        {
            case (string first, string second):
                return CompareText(first, second);
            case (JinjaSequence first, JinjaSequence second) when first.Kind == second.Kind && first.Kind != SequenceKind.Range:
                for (var i = 0; i < Math.Min(first.Items.Count, second.Items.Count); i++)
                    if (!JinjaEquality.Instance.Equals(first.Items[i], second.Items[i])) return Compare(first.Items[i], second.Items[i], symbol);
                return first.Items.Count.CompareTo(second.Items.Count);
            default:
                RequireNumbers(symbol, left, right);
                return JinjaNumber.Compare(left, right);
        }
    }

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(object container, object item) => container switch
    {
        string text => item is string part ? text.Contains(part, StringComparison.Ordinal) : throw new JinjaValueException($"'in <str>' needs a str on its left, not {JinjaText.TypeName(item)}"),
        JinjaMapping mapping => mapping.TryGet(JinjaEquality.RequireHashable(item), out _),
        _ => JinjaAccess.Iterate(container).Contains(item, JinjaEquality.Instance),
    };

    /// <summary>Python's <c>sorted</c>: stable, also where it is reversed.</summary>
    /// <exception cref="JinjaValueException">Keys have no order.</exception>
    public static IReadOnlyList<T> Sort<T>(IEnumerable<T> items, Func<T, object> keyOf, bool isReversed)
    {
        var order = Comparer<object>.Create(static (x, y) => Compare(x, y) ?? 0);
        try
        {
            return [.. isReversed ? items.OrderByDescending(keyOf, order) : items.OrderBy(keyOf, order)];
        }
        catch (InvalidOperationException error) when (error.InnerException is JinjaValueException inner)
        {
            // .NET's sort wraps what a comparer throws.
            throw new JinjaValueException(inner.Message);
        }
    }

    private static object Arithmetic(string symbol, object left, object right, Func<BigInteger, BigInteger, BigInteger> integers, Func<double, double, double> numbers)
    {
        RequireNumbers(symbol, left, right);
        if (JinjaNumber.TryGetInteger(left, out var x) && JinjaNumber.TryGetInteger(right, out var y)) return JinjaNumber.Checked(integers(x, y));
        return numbers(JinjaNumber.ToDouble(left), JinjaNumber.ToDouble(right));
    }

    private static object Repeat(object value, object times)
    {
        var count = Math.Max(0, JinjaNumber.ToIndex(times, "a repetition"));
        if (value is string text)
        {
            JinjaLimits.CheckTextLength((long)text.Length * count);
            return string.Concat(Enumerable.Repeat(text, text.Length == 0 ? 0 : count));
        }

        var sequence = (JinjaSequence)value;
        if (sequence.Kind == SequenceKind.Range) throw Unsupported("*", value);
        JinjaLimits.CheckItemCount((long)sequence.Items.Count * count);
        return new JinjaSequence(sequence.Kind, [.. Enumerable.Repeat(sequence.Items, sequence.Items.Count == 0 ? 0 : count).SelectMany(items => items)]);
    }

    /// <summary>By code points, which UTF-16 units do not give for astral characters.</summary>
    private static int CompareText(string left, string right)
    {
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            if (left[i] == right[i]) continue;
            var isLeftAstral = char.IsSurrogate(left[i]);
            return isLeftAstral == char.IsSurrogate(right[i]) ? left[i].CompareTo(right[i]) : isLeftAstral ? 1 : -1;
        }

        return left.Length.CompareTo(right.Length);
    }

    private static double FloorModulo(double x, double y)
    {
        var remainder = x % y;
        if (remainder != 0) return remainder < 0 != y < 0 ? remainder + y : remainder;
        return Math.CopySign(0, y);
    }

    private static BigInteger NonZero(BigInteger value) => value.IsZero ? throw new JinjaValueException("division by zero") : value;

    private static double NonZero(double value) => value == 0 ? throw new JinjaValueException("division by zero") : value;

    private static void RequireNumbers(string symbol, object left, object right)
    {
        if (left is JinjaUndefined first) throw first.Error();
        if (right is JinjaUndefined second) throw second.Error();
        if (!JinjaNumber.IsNumber(left) || !JinjaNumber.IsNumber(right))
            throw new JinjaValueException($"'{symbol}' does not work between {JinjaText.TypeName(left)} and {JinjaText.TypeName(right)}");
    }

    private static JinjaValueException Unsupported(string symbol, object value) =>
        value is JinjaUndefined undefined ? undefined.Error() : new JinjaValueException($"'{symbol}' does not work for {JinjaText.TypeName(value)}");
}
