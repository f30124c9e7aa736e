using System.Text;
using YamlDotNet.Core.Events;

namespace DftNative.Training;

/// <summary>Training options as a YAML file: one mapping of <see cref="OptionCatalog"/>'s keys to values or lists of values.</summary>
public static class TrainingOptionsFile
{
    /// <summary>Sets the options that the file names; others keep their values.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: missing, not YAML, or a key or value that is not an option's; names the line.</exception>
    public static void Read(string path, TrainingOptions options) => YamlReader.ReadFile(path, (reader, key) => Set(reader, key, options));

    /// <summary>The same, from any text.</summary>
    /// <param name="reader">YAML.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="options">Set.</param>
    public static void Read(TextReader reader, string source, TrainingOptions options) =>
        YamlReader.Read(reader, source, (yaml, key) => Set(yaml, key, options));

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

    private static void Set(YamlReader reader, Scalar key, TrainingOptions options)
    {
        var values = reader.ReadValues(key);
        reader.Use(key, () => OptionCatalog.Set(options, key.Value, values));
    }

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
