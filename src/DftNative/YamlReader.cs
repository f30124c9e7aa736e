using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace DftNative;

/// <summary>Reads YAML of mappings, lists and plain values, each key at most once; every error names file and line.</summary>
internal sealed class YamlReader
{
    private readonly CheckedParser parser;
    private readonly string source;

    private YamlReader(CheckedParser parser, string source) => (this.parser, this.source) = (parser, source);

    /// <summary>Whether a mapping comes next.</summary>
    public bool IsAtMapping => parser.Accept<MappingStart>(out _);

    /// <summary>Reads a file whose document is one mapping, or that is empty.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readValue">Reads the value of each key.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: it cannot be read, or is not such YAML.</exception>
    public static void ReadFile(string path, Action<YamlReader, Scalar> readValue)
    {
        try
        {
            using var reader = new StreamReader(path);
            Read(reader, path, readValue);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DftNativeException(ExitCode.Usage, $"cannot read the configuration {path}: {exception.Message}", exception);
        }
    }

    /// <summary>The same, from any text.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="source">What to call it in errors.</param>
    /// <param name="readValue">Reads the value of each key.</param>
    public static void Read(TextReader text, string source, Action<YamlReader, Scalar> readValue)
    {
        var reader = new YamlReader(new CheckedParser(new Parser(text)), source);
        try
        {
            reader.ReadDocument(readValue);
        }
        catch (YamlException exception)
        {
            throw reader.Error(exception.Start, $"not YAML: {exception.Message}");
        }
    }

    /// <summary>Reads a mapping's keys, and by <paramref name="readValue"/> the value of each.</summary>
    public void ReadMapping(Action<YamlReader, Scalar> readValue)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        if (!parser.TryConsume<MappingStart>(out _)) throw Error(parser.Current!.Start, "expected 'key: value' lines");
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key)) throw Error(parser.Current!.Start, "expected a key");
            if (!seen.Add(key.Value)) throw Error(key.Start, $"{key.Value} is given twice");
            readValue(this, key);
        }
    }

    /// <summary>Reads a list, and by <paramref name="readItem"/> each item of it.</summary>
    public void ReadList(Scalar key, Action readItem)
    {
        if (!parser.TryConsume<SequenceStart>(out _)) throw Error(parser.Current!.Start, $"{key.Value} takes a list");
        while (!parser.TryConsume<SequenceEnd>(out _)) readItem();
    }

    /// <summary>Reads a plain value, which is not null.</summary>
    public string ReadValue(Scalar key)
    {
        if (!parser.TryConsume<Scalar>(out var scalar)) throw Error(parser.Current!.Start, $"{key.Value} takes a plain value");
        return IsNull(scalar) ? throw Error(scalar.Start, $"{key.Value} has no value; leave the line out for the default") : scalar.Value;
    }

    /// <summary>Reads a plain value, or a list of plain values.</summary>
    public List<string> ReadValues(Scalar key)
    {
        if (parser.Accept<Scalar>(out _)) return [ReadValue(key)];
        if (!parser.TryConsume<SequenceStart>(out _)) throw Error(parser.Current!.Start, $"{key.Value} takes a value, or a list of values");
        var values = new List<string>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var item)) throw Error(parser.Current!.Start, $"{key.Value} takes a list of plain values");
            values.Add(item.Value);
        }

        return values;
    }

    /// <summary>Uses what was read for a key; an error of usage in it gets the key's line.</summary>
    public void Use(Scalar key, Action use)
    {
        try
        {
            use();
        }
        catch (DftNativeException exception)
        {
            throw Error(key.Start, exception.Message);
        }
    }

    /// <summary>The error at a place of the file.</summary>
    public DftNativeException Error(Mark mark, string message) =>
        new(ExitCode.Usage, $"{source}, line {mark.Line}: {message.ReplaceLineEndings(" ")}");

    private void ReadDocument(Action<YamlReader, Scalar> readValue)
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _)) return;
        parser.Consume<DocumentStart>();
        ReadMapping(readValue);
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _)) throw Error(parser.Current!.Start, "one document is expected");
    }

    private static bool IsNull(Scalar scalar) => scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };

    /// <summary>A parser that has one kind of exception: of some damaged texts the other's state machine loses its way.</summary>
    private sealed class CheckedParser(Parser inner) : IParser
    {
        public ParsingEvent? Current => inner.Current;

        public bool MoveNext()
        {
            try
            {
                return inner.MoveNext();
            }
            catch (InvalidOperationException exception)
            {
                var place = inner.Current?.End ?? Mark.Empty;
                throw new YamlException(place, place, "this bracket or indentation does not go on like this", exception);
            }
        }
    }
}
