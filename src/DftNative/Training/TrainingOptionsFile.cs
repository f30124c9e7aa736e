using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DftNative.Training;

/// <summary>Training options as a YAML file: one mapping of <see cref="OptionCatalog"/>'s keys to values or lists of values.</summary>
public static class TrainingOptionsFile
{
    /// <summary>Sets the options that the file names; others keep their values.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: missing, not YAML, or a key or value that is not an option's; names the line.</exception>
    public static void Read(string path, TrainingOptions options)
    {
        try
        {
            using var reader = new StreamReader(path);
            Read(reader, path, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DftNativeException(ExitCode.Usage, $"cannot read the configuration {path}: {exception.Message}", exception);
        }
    }

    /// <summary>The same, from any text.</summary>
    /// <param name="reader">YAML.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="options">Set.</param>
    public static void Read(TextReader reader, string source, TrainingOptions options)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            var parser = new Parser(reader);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _)) return;
            parser.Consume<DocumentStart>();
            if (!parser.TryConsume<MappingStart>(out _)) throw Error(source, parser.Current!.Start, "expected 'key: value' lines");
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                if (!parser.TryConsume<Scalar>(out var key)) throw Error(source, parser.Current!.Start, "expected a key");
                if (!seen.Add(key.Value)) throw Error(source, key.Start, $"{key.Value} is given twice");
                var values = ReadValues(parser, source, key.Value);
                try
                {
                    OptionCatalog.Set(options, key.Value, values);
                }
                catch (DftNativeException exception)
                {
                    throw Error(source, key.Start, exception.Message);
                }
            }

            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _)) throw Error(source, parser.Current!.Start, "one document is expected");
        }
        catch (YamlException exception)
        {
            throw Error(source, exception.Start, $"not YAML: {exception.Message}");
        }
    }

    /// <summary>Every option and its value, as a file that <see cref="Read(string, TrainingOptions)"/> reads back.</summary>
    public static string Format(TrainingOptions options)
    {
        var text = new StringBuilder();
        foreach (var option in OptionCatalog.All)
        {
            var values = option.Get(options);
            var formatted = option.IsList ? $"[{string.Join(", ", values.Select(Quote))}]" : values.Count == 0 ? "none" : Quote(values[0]);
            text.Append(option.Name).Append(": ").Append(formatted).Append('\n');
        }

        return text.ToString();
    }

    private static List<string> ReadValues(Parser parser, string source, string key)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            if (!IsNull(scalar)) return [scalar.Value];
            throw Error(source, scalar.Start, $"{key} has no value; leave the line out for the default");
        }

        if (!parser.TryConsume<SequenceStart>(out _)) throw Error(source, parser.Current!.Start, $"{key} takes a value, or a list of values");
        var values = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var item)) throw Error(source, parser.Current!.Start, $"{key} takes a list of plain values");
            values.Add(item.Value);
        }

        return values;
    }

    private static bool IsNull(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    private static DftNativeException Error(string source, Mark mark, string message) =>
        new(ExitCode.Usage, $"{source}, line {mark.Line}: {message.ReplaceLineEndings(" ")}");

    /// <summary>As it is where YAML reads it so, else double-quoted.</summary>
    private static string Quote(string value)
    {
        var isPlain = value.Length > 0 && !char.IsWhiteSpace(value[^1]) && value is not ("null" or "Null" or "NULL" or "~")
            && (char.IsAsciiLetterOrDigit(value[0]) || value[0] is '/' or '.' || (value[0] == '-' && value.Length > 1 && char.IsAsciiDigit(value[1])))
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' or '+')
            && !value.StartsWith("---", StringComparison.Ordinal) && !value.StartsWith("...", StringComparison.Ordinal);
        if (isPlain) return value;
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                < ' ' or (>= '\u007f' and < '\u00a0') or '\u2028' or '\u2029' or '\ufeff' => quoted.Append($"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
