namespace DftNative.Training;

/// <summary>One key of <see cref="TrainingOptions"/>: what a file, the command line, the documentation and a checkpoint call it.</summary>
public sealed class TrainingOption
{
    /// <summary>What a switch is that a command line names without a value.</summary>
    public const string SwitchedOn = "true";

    private readonly Action<TrainingOptions, IReadOnlyList<string>> set;
    private readonly Func<TrainingOptions, IReadOnlyList<string>> get;

    internal TrainingOption(
        string name, string valueSyntax, string help, bool changesMathematics, bool isList,
        Func<TrainingOptions, IReadOnlyList<string>> get, Action<TrainingOptions, IReadOnlyList<string>> set)
    {
        (Name, ValueSyntax, Help, ChangesMathematics, IsList, this.get, this.set) =
            (name, valueSyntax, help, changesMathematics, isList, get, set);
    }

    /// <summary>The key, such as <c>learning_rate</c>; Hugging Face's or TRL's where it means the same.</summary>
    public string Name { get; }

    /// <summary>The values it takes, such as <c>true|false</c>.</summary>
    public string ValueSyntax { get; }

    /// <summary>One sentence for a user.</summary>
    public string Help { get; }

    /// <summary>Whether a run with another value is another run, so that a resume refuses it.</summary>
    public bool ChangesMathematics { get; }

    /// <summary>Whether it takes several values.</summary>
    public bool IsList { get; }

    /// <summary>Whether it is true or false: <see cref="SwitchedOn"/> where a command line names it alone.</summary>
    public bool IsSwitch => ValueSyntax == "true|false";

    /// <summary>The value as text; empty: none.</summary>
    public IReadOnlyList<string> Get(TrainingOptions options) => get(options);

    /// <summary>The value as one text, <c>none</c> where there is none.</summary>
    public string GetText(TrainingOptions options) => Get(options) is { Count: > 0 } values ? string.Join(' ', values) : "none";

    /// <summary>Sets the value from text.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the text is not such a value or out of range.</exception>
    public void Set(TrainingOptions options, IReadOnlyList<string> values)
    {
        if (!IsList && values.Count != 1)
            throw new DftNativeException(ExitCode.Usage, $"{Name} takes one value, not {values.Count}");
        set(options, values);
    }
}
