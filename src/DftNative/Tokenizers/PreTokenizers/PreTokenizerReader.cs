using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads the <c>pre_tokenizer</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class PreTokenizerReader(string path) : ComponentReader(path, "pre_tokenizer")
{
    /// <summary>The stages read so far.</summary>
    public List<PreTokenizerStage> Stages { get; } = [];

    /// <summary>Whether words are then cut into bytes.</summary>
    public bool IsByteLevel { get; private set; }

    /// <summary>Reads a part.</summary>
    public void Read(JsonElement component)
    {
        var type = TypeOf(component);
        if (IsByteLevel) throw Unsupported($"{type} after ByteLevel");
        if (type == "Sequence")
        {
            foreach (var part in component.GetProperty("pretokenizers").EnumerateArray()) Read(part);
            return;
        }

        if (type == "ByteLevel")
        {
            IsByteLevel = true;
            if (component.FindBoolean("add_prefix_space", true)) Stages.Add(new PrefixSpaceStage());
            if (component.FindBoolean("use_regex", true)) Stages.Add(new SplitterStage(new Gpt2Splitter()));
            return;
        }

        Stages.Add(ReadStage(type, component));
    }

    private PreTokenizerStage ReadStage(string type, JsonElement component) => type switch
    {
        "Split" => ReadSplit(component),
        "Digits" => new PatternStage(RegularPattern.Parse(@"\p{N}"), component.FindBoolean("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous, inverts: false),
        "Punctuation" => new PatternStage(RegularPattern.Parse(@"[\p{P}!-/:-@\[-`{-~]"), ReadBehavior(component), inverts: false),
        "Whitespace" => new WordStage(),
        "WhitespaceSplit" => new PatternStage(RegularPattern.Parse(@"\s"), SplitBehavior.Removed, inverts: false),
        "CharDelimiterSplit" => new PatternStage(new LiteralPattern(component.GetProperty("delimiter").GetString()!), SplitBehavior.Removed, inverts: false),
        "Metaspace" => ReadMetaspace(component),
        _ => throw Unsupported(type),
    };

    private PreTokenizerStage ReadSplit(JsonElement component)
    {
        var behavior = ReadBehavior(component);
        var inverts = component.FindBoolean("invert", false);
        Splitter? byHand = component.GetProperty("pattern").FindString("Regex") switch
        {
            Gpt2Splitter.Pattern => new Gpt2Splitter(),
            ContractionWordSplitter.QwenPattern => new ContractionWordSplitter(maxDigits: 1),
            ContractionWordSplitter.Llama3Pattern => new ContractionWordSplitter(maxDigits: 3),
            _ => null,
        };

        // These patterns match everywhere, so that inverting or removing them would leave nothing: not worth a special case.
        return byHand is not null && behavior == SplitBehavior.Isolated ? new SplitterStage(byHand) : new PatternStage(ReadPattern(component), behavior, inverts);
    }

    private SplitBehavior ReadBehavior(JsonElement component) => component.FindString("behavior") switch
    {
        null or "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var behavior => throw Unsupported($"{TypeOf(component)} with behavior {behavior}"),
    };

    private MetaspaceStage ReadMetaspace(JsonElement component)
    {
        var prepend = MetaspaceSettings.ReadPrepend(component) ?? throw Unsupported($"Metaspace with prepend_scheme {component.FindString("prepend_scheme")}");
        return new MetaspaceStage(ReadCharacter(component, "replacement"), prepend, component.FindBoolean("split", true));
    }
}
