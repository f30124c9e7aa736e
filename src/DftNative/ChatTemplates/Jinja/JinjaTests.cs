using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>What <c>is</c> can ask.</summary>
internal static class JinjaTests
{
    private static readonly Dictionary<string, string> Comparisons = new(StringComparer.Ordinal)
    {
        ["=="] = "==",
        ["eq"] = "==",
        ["equalto"] = "==",
        ["!="] = "!=",
        ["ne"] = "!=",
        ["<"] = "<",
        ["lt"] = "<",
        ["lessthan"] = "<",
        ["<="] = "<=",
        ["le"] = "<=",
        [">"] = ">",
        ["gt"] = ">",
        ["greaterthan"] = ">",
        [">="] = ">=",
        ["ge"] = ">=",
        ["in"] = "in",
    };

    /// <summary>Whether a test holds.</summary>
    /// <param name="name">The test.</param>
    /// <param name="arguments">The value, then the test's arguments.</param>
    /// <exception cref="JinjaValueException">There is no such test, or it does not fit.</exception>
    public static bool Holds(string name, JinjaArguments arguments)
    {
        if (Comparisons.TryGetValue(name, out var symbol))
        {
            var both = arguments.Bind(name, 2, "value", "other");
            return ComparisonExpression.Holds(symbol, both[0]!, both[1]!);
        }

        if (name is "divisibleby" or "sameas")
        {
            var both = arguments.Bind(name, 2, "value", "other");
            if (name == "sameas") return ReferenceEquals(both[0], both[1]) || both[0] is bool first && both[1] is bool second && first == second;
            return JinjaNumber.AreEqual(JinjaOperators.Modulo(both[0]!, both[1]!), BigInteger.Zero);
        }

        var value = arguments.Bind(name, 1, "value")[0]!;
        return name switch
        {
            "defined" => value is not JinjaUndefined,
            "undefined" => value is JinjaUndefined,
            "none" => value is JinjaNone,
            "boolean" => value is bool,
            "true" => value is true,
            "false" => value is false,
            "integer" => value is BigInteger,
            "float" => value is double,
            "number" => JinjaNumber.IsNumber(value),
            "string" => value is string,
            "mapping" => value is JinjaMapping,
            "sequence" => value is string or JinjaSequence or JinjaMapping or JinjaUndefined,
            "iterable" => value is string or JinjaSequence or JinjaMapping or JinjaUndefined or JinjaView or JinjaIterator or LoopVariable,
            "callable" => value is JinjaCallable or JinjaUndefined or LoopVariable,
            "odd" => JinjaNumber.AreEqual(JinjaOperators.Modulo(value, (BigInteger)2), BigInteger.One),
            "even" => JinjaNumber.AreEqual(JinjaOperators.Modulo(value, (BigInteger)2), BigInteger.Zero),
            "lower" => (bool)Ask(value, "islower"),
            "upper" => (bool)Ask(value, "isupper"),
            "escaped" => false,
            "filter" or "test" => throw new JinjaValueException($"the test '{name}' is not supported"),
            _ => throw new JinjaValueException($"the test '{name}' is not supported"),
        };
    }

    private static object Ask(object value, string method)
    {
        var text = JinjaText.Str(value);
        return text.Length > 0 && text.EnumerateRunes().Any(PythonCase.IsCased) && text == (method == "islower" ? PythonCase.Lower(text) : PythonCase.Upper(text));
    }
}
