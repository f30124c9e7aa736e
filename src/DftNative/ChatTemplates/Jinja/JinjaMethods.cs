using System.Numerics;
using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>Methods of Python's str, dict, list and tuple. What would change a value is refused, as by Jinja's immutable sandbox.</summary>
internal static class JinjaMethods
{
    private static readonly HashSet<string> UnsupportedOfText =
        ["encode", "translate", "maketrans", "expandtabs", "format_map", "casefold", "swapcase", "isidentifier", "isprintable", "isdecimal", "isnumeric"];

    private static readonly HashSet<string> ChangingList = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];

    private static readonly HashSet<string> ChangingMapping = ["clear", "pop", "popitem", "setdefault", "update"];

    /// <summary>The method of that name bound to the value, an undefined value where the sandbox forbids it, or null.</summary>
    /// <exception cref="JinjaValueException">Python has the method, and it is not supported here.</exception>
    public static object? Find(object value, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && value is not JinjaMapping)
            return Unsafe(value, name);
        return value switch
        {
            string text => FindOfText(text, name),
            JinjaMapping mapping => FindOfMapping(mapping, name),
            JinjaSequence { Kind: SequenceKind.List } list when ChangingList.Contains(name) => Unsafe(list, name),
            JinjaSequence { Kind: SequenceKind.List } list when name == "copy" => Bind(name, _ => list),
            JinjaSequence sequence => FindOfSequence(sequence, name),
            _ => null,
        };
    }

    private static JinjaUndefined Unsafe(object value, string name) => new($"access to '{name}' of a {JinjaText.TypeName(value)} is not safe: a template cannot change values or reach into Python");

    private static JinjaCallable Bind(string name, Func<JinjaArguments, object> body) => new(name, (_, arguments) => body(arguments));

    private static object? FindOfMapping(JinjaMapping mapping, string name) => name switch
    {
        "get" => Bind(name, arguments =>
        {
            var bound = arguments.Bind(name, 1, "key", "default");
            return mapping.TryGet(JinjaEquality.RequireHashable(bound[0]!), out var value) ? value : bound[1] ?? JinjaNone.Value;
        }),
        "keys" => Bind(name, _ => new JinjaView("dict_keys", mapping.Keys)),
        "values" => Bind(name, _ => new JinjaView("dict_values", mapping.Values)),
        "items" => Bind(name, _ => new JinjaView("dict_items", [.. mapping.Items])),
        "copy" => Bind(name, _ => mapping),
        "fromkeys" => throw new JinjaValueException("the method 'fromkeys' of dict is not supported"),
        _ when ChangingMapping.Contains(name) => Unsafe(mapping, name),
        _ => null,
    };

    private static JinjaCallable? FindOfSequence(JinjaSequence sequence, string name) => name switch
    {
        "count" => Bind(name, arguments => (BigInteger)sequence.Items.Count(item => JinjaEquality.Instance.Equals(item, arguments.Bind(name, 1, "value")[0]))),
        "index" => Bind(name, arguments =>
        {
            var bound = arguments.Bind(name, 1, "value", "start", "stop");
            var start = bound[1] is null ? 0 : Place(bound[1]!, sequence.Items.Count);
            var stop = bound[2] is null ? sequence.Items.Count : Place(bound[2]!, sequence.Items.Count);
            for (var i = start; i < stop; i++)
                if (JinjaEquality.Instance.Equals(sequence.Items[i], bound[0])) return (BigInteger)i;
            throw new JinjaValueException("index: the value is not there");
        }),
        _ => null,
    };

    private static int Place(object place, int count)
    {
        var index = JinjaNumber.ToIndex(place, "a place");
        return Math.Clamp(index < 0 ? index + count : index, 0, count);
    }

    private static JinjaCallable? FindOfText(string text, string name)
    {
        if (UnsupportedOfText.Contains(name)) throw new JinjaValueException($"the method '{name}' of str is not supported");
        Func<JinjaArguments, object>? body = name switch
        {
            "strip" => arguments => PythonString.Strip(text, OptionalText(arguments)),
            "lstrip" => arguments => PythonString.Strip(text, OptionalText(arguments), right: false),
            "rstrip" => arguments => PythonString.Strip(text, OptionalText(arguments), left: false),
            "split" => arguments => Split(arguments, PythonString.Split),
            "rsplit" => arguments => Split(arguments, PythonString.SplitRight),
            "splitlines" => arguments => JinjaSequence.List(PythonString.SplitLines(text, arguments.Bind(name, 0, "keepends")[0] is { } keep && JinjaOperators.IsTrue(keep))),
            "partition" => arguments => Partition(OneText(arguments), fromRight: false),
            "rpartition" => arguments => Partition(OneText(arguments), fromRight: true),
            "startswith" => arguments => HasAffix(arguments, static (part, affix) => part.StartsWith(affix, StringComparison.Ordinal)),
            "endswith" => arguments => HasAffix(arguments, static (part, affix) => part.EndsWith(affix, StringComparison.Ordinal)),
            "removeprefix" => arguments => OneText(arguments) is var prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
            "removesuffix" => arguments => OneText(arguments) is var suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
            "upper" => arguments => Without(arguments, PythonCase.Upper),
            "lower" => arguments => Without(arguments, PythonCase.Lower),
            "title" => arguments => Without(arguments, PythonString.Title),
            "capitalize" => arguments => Without(arguments, PythonString.Capitalize),
            "replace" => Replace,
            "join" => arguments => Join(arguments.Bind(name, 1, "iterable")[0]!),
            "format" => arguments => BraceFormat.Apply(text, arguments),
            "count" => arguments => (BigInteger)(Find(arguments) is var (part, start, stop) ? start > stop ? 0 : PythonString.Count(text[start..stop], part) : 0),
            "find" => arguments => (BigInteger)IndexOf(arguments, fromRight: false),
            "rfind" => arguments => (BigInteger)IndexOf(arguments, fromRight: true),
            "index" => arguments => Required(IndexOf(arguments, fromRight: false)),
            "rindex" => arguments => Required(IndexOf(arguments, fromRight: true)),
            "zfill" => arguments => ZeroFill(JinjaNumber.ToIndex(arguments.Bind(name, 1, "width")[0]!, "a width")),
            "ljust" => arguments => Justify(arguments, '<'),
            "rjust" => arguments => Justify(arguments, '>'),
            "center" => arguments => Justify(arguments, '^'),
            "isspace" => arguments => All(arguments, static rune => rune.IsBmp && PythonString.IsSpace((char)rune.Value)),
            "isdigit" => arguments => All(arguments, static rune => Rune.IsDigit(rune) || rune.Value is 0xB2 or 0xB3 or 0xB9 or 0x2070 or (>= 0x2074 and <= 0x2079) or (>= 0x2080 and <= 0x2089)),
            "isalpha" => arguments => All(arguments, Rune.IsLetter),
            "isalnum" => arguments => All(arguments, static rune => Rune.IsLetterOrDigit(rune) || Rune.IsNumber(rune) && Rune.GetNumericValue(rune) >= 0),
            "isascii" => arguments => Without(arguments, static given => Ascii.IsValid(given)),
            "isupper" => arguments => Without(arguments, static given => HasCase(given) && PythonCase.Upper(given) == given),
            "islower" => arguments => Without(arguments, static given => HasCase(given) && PythonCase.Lower(given) == given),
            "istitle" => arguments => Without(arguments, static given => HasCase(given) && PythonString.Title(given) == given),
            _ => null,
        };
        return body is null ? null : Bind(name, body);

        string? OptionalText(JinjaArguments arguments) => arguments.Bind(name, 0, "chars")[0] is { } characters and not JinjaNone ? RequireText(characters) : null;

        string OneText(JinjaArguments arguments) => RequireText(arguments.Bind(name, 1, "text")[0]!);

        string RequireText(object value) => value as string ?? throw new JinjaValueException($"{name} needs a str, not {JinjaText.TypeName(value)}");

        object Without<T>(JinjaArguments arguments, Func<string, T> map)
        {
            arguments.Bind(name, 0);
            return map(text)!;
        }

        object All(JinjaArguments arguments, Func<Rune, bool> holds) => Without(arguments, given => given.Length > 0 && given.EnumerateRunes().All(holds));

        object Replace(JinjaArguments arguments)
        {
            var bound = arguments.Bind(name, 2, "old", "new", "count");
            return PythonString.Replace(text, RequireText(bound[0]!), RequireText(bound[1]!), bound[2] is null ? -1 : JinjaNumber.ToIndex(bound[2]!, "replace's count"));
        }

        JinjaSequence Split(JinjaArguments arguments, Func<string, string?, int, List<object>> split)
        {
            var bound = arguments.Bind(name, 0, "sep", "maxsplit");
            var separator = bound[0] is { } given and not JinjaNone ? RequireText(given) : null;
            return new JinjaSequence(SequenceKind.List, split(text, separator, bound[1] is null ? -1 : JinjaNumber.ToIndex(bound[1]!, "split's limit")));
        }

        JinjaSequence Partition(string separator, bool fromRight)
        {
            if (separator.Length == 0) throw new JinjaValueException("empty separator");
            var place = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
            if (place < 0) return fromRight ? JinjaSequence.Tuple("", "", text) : JinjaSequence.Tuple(text, "", "");
            return JinjaSequence.Tuple(text[..place], separator, text[(place + separator.Length)..]);
        }

        (string Part, int Start, int Stop) Find(JinjaArguments arguments)
        {
            var bound = arguments.Bind(name, 1, "sub", "start", "end");
            var length = PythonString.Length(text);
            var start = bound[1] is null or JinjaNone ? 0 : JinjaNumber.ToIndex(bound[1]!, "a place");
            if (start > length) return (RequireText(bound[0]!), int.MaxValue, 0);
            var stop = bound[2] is null or JinjaNone ? length : Place(bound[2]!, length);
            return (RequireText(bound[0]!), PythonString.UnitIndex(text, Place((BigInteger)start, length)), PythonString.UnitIndex(text, stop));
        }

        int IndexOf(JinjaArguments arguments, bool fromRight)
        {
            var (part, start, stop) = Find(arguments);
            if (start > stop) return -1;
            var place = fromRight ? text[start..stop].LastIndexOf(part, StringComparison.Ordinal) : text[start..stop].IndexOf(part, StringComparison.Ordinal);
            return place < 0 ? -1 : PythonString.CodePointIndex(text, start + place);
        }

        object Required(int place) => place >= 0 ? (BigInteger)place : throw new JinjaValueException($"{name}: the text is not there");

        object HasAffix(JinjaArguments arguments, Func<string, string, bool> has)
        {
            var (affixes, start, stop) = (arguments.Positional.Count > 0 ? arguments.Positional[0] : null, 0, text.Length);
            if (arguments.Positional.Count > 1) (_, start, stop) = Find(new JinjaArguments(["", .. arguments.Positional.Skip(1)], []));
            var part = start <= stop ? text[start..stop] : null;
            if (affixes is JinjaSequence { Kind: SequenceKind.Tuple } tuple) return part is not null && tuple.Items.Any(affix => has(part, RequireText(affix)));
            return RequireText(arguments.Bind(name, 1, "prefix", "start", "end")[0]!) is var one && part is not null && has(part, one);
        }

        string Join(object iterable)
        {
            var parts = new List<string>();
            long length = 0;
            foreach (var item in JinjaAccess.Iterate(iterable))
            {
                parts.Add(RequireText(item));
                length += parts[^1].Length + text.Length;
                JinjaLimits.CheckTextLength(length);
            }

            return string.Join(text, parts);
        }

        string ZeroFill(int width)
        {
            var missing = JinjaLimits.CheckTextLength(width) - PythonString.Length(text);
            var signs = text.StartsWith('+') || text.StartsWith('-') ? 1 : 0;
            return missing <= 0 ? text : text[..signs] + new string('0', missing) + text[signs..];
        }

        string Justify(JinjaArguments arguments, char align)
        {
            var bound = arguments.Bind(name, 1, "width", "fillchar");
            var width = JinjaLimits.CheckTextLength(JinjaNumber.ToIndex(bound[0]!, "a width"));
            var fill = bound[1] is null ? " " : RequireText(bound[1]!);
            if (PythonString.Length(fill) != 1) throw new JinjaValueException($"{name} needs one character to fill with");

            // CPython's center puts the odd one to the left where the width is odd; format's "^" always to the right.
            var missing = width - PythonString.Length(text);
            if (align == '^' && missing > 0 && missing % 2 == 1 && width % 2 == 1)
            {
                text = fill + text;
            }

            return new FormatSpecification { Fill = fill, Align = align, Width = Math.Max(0, width) }.Apply(text);
        }
    }

    private static bool HasCase(string text) => text.EnumerateRunes().Any(PythonCase.IsCased);
}
