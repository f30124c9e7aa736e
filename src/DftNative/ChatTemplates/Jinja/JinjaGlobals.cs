using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>The functions that every template has: Jinja's own and those that transformers adds.</summary>
internal static class JinjaGlobals
{
    private static readonly string[] Unsupported = ["lipsum", "cycler", "joiner"];

    /// <summary>The functions by name.</summary>
    /// <param name="clock">What <c>strftime_now</c> reads.</param>
    public static IReadOnlyDictionary<string, object> Create(Func<DateTime> clock)
    {
        var functions = new Dictionary<string, object>(StringComparer.Ordinal);
        Add("range", (_, arguments) => Range(arguments));
        Add("dict", (_, arguments) => new JinjaMapping(Entries(arguments)));
        Add("namespace", (_, arguments) => Namespace(arguments));
        Add("raise_exception", (_, arguments) => throw new JinjaValueException($"the template refuses this conversation: {JinjaText.Str(arguments.Bind("raise_exception", 1, "message")[0]!)}"));
        Add("strftime_now", (_, arguments) => arguments.Bind("strftime_now", 1, "format")[0] is string format
            ? StrfTime.Format(clock(), format)
            : throw new JinjaValueException("strftime_now needs a format"));
        foreach (var name in Unsupported) Add(name, (_, _) => throw new JinjaValueException($"the function '{name}' is not supported"));
        return functions;

        void Add(string name, Func<RenderState, JinjaArguments, object> body) => functions[name] = new JinjaCallable(name, body);
    }

    private static JinjaSequence Range(JinjaArguments arguments)
    {
        if (arguments.Keywords.Count > 0 || arguments.Positional.Count is 0 or > 3) throw new JinjaValueException("range takes 1 to 3 arguments");
        var bounds = arguments.Positional.Select(bound => JinjaNumber.ToIndex(bound, "range's bound")).ToArray();
        var (start, stop, step) = bounds.Length == 1 ? (0, bounds[0], 1) : (bounds[0], bounds[1], bounds.Length == 3 ? bounds[2] : 1);
        if (step == 0) throw new JinjaValueException("range's step cannot be zero");
        var count = step > 0 ? ((long)stop - start + step - 1) / step : ((long)start - stop - step - 1) / -step;
        if (count > JinjaLimits.MaxRange) throw new JinjaValueException($"range is too big: {count} items, and the limit is {JinjaLimits.MaxRange}");
        return new JinjaSequence(SequenceKind.Range, [.. Enumerable.Range(0, (int)Math.Max(0, count)).Select(i => (object)(BigInteger)(start + (long)i * step))])
        {
            RangeText = string.Create(CultureInfo.InvariantCulture, $"range({start}, {stop}{(step == 1 ? "" : $", {step}")})"),
        };
    }

    private static IEnumerable<KeyValuePair<object, object>> Entries(JinjaArguments arguments)
    {
        if (arguments.Positional.Count > 1) throw new JinjaValueException("dict takes at most one positional argument");
        foreach (var given in arguments.Positional)
        {
            if (given is JinjaMapping mapping)
            {
                foreach (var entry in mapping.Entries) yield return entry;
                continue;
            }

            foreach (var pair in JinjaAccess.Iterate(given))
            {
                if (JinjaAccess.Iterate(pair).ToList() is not [var key, var value]) throw new JinjaValueException("dict needs pairs of a key and a value");
                yield return KeyValuePair.Create(key, value);
            }
        }

        foreach (var (name, value) in arguments.Keywords) yield return KeyValuePair.Create<object, object>(name, value);
    }

    private static JinjaNamespace Namespace(JinjaArguments arguments)
    {
        var space = new JinjaNamespace();
        foreach (var (name, value) in Entries(arguments)) space.Attributes[name as string ?? JinjaText.Str(name)] = value;
        return space;
    }
}
