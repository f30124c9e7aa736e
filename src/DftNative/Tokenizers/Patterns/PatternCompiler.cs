namespace DftNative.Tokenizers;

/// <summary>Makes the steps of a parsed pattern.</summary>
internal sealed class PatternCompiler
{
    /// <summary>Bounded repeats are written out; more is not a pattern for words.</summary>
    private const int MaxSteps = 10_000;

    private readonly List<PatternStep> steps = [];

    /// <summary>The steps of a pattern; the last one never matches.</summary>
    public PatternStep[] Compile(PatternNode pattern)
    {
        Add(pattern);
        Append(new PatternStep(PatternOperation.Accept));
        Append(new PatternStep(PatternOperation.Fail));
        return [.. steps];
    }

    private void Add(PatternNode node)
    {
        switch (node)
        {
            case SetNode one:
                Append(new PatternStep(PatternOperation.One, one.Set));
                break;
            case PlaceNode place:
                Append(new PatternStep(place.Operation));
                break;
            case SequenceNode sequence:
                foreach (var part in sequence.Parts) Add(part);
                break;
            case AlternationNode alternation:
                AddAlternation(alternation.Parts);
                break;
            case LookNode look:
                AddEnclosed(look.Part, look.Operation);
                break;
            case RepeatNode { Part: SetNode one } run:
                Append(new PatternStep(run.Kind, one.Set, run.Least, run.Most));
                break;
            case RepeatNode { Kind: PatternOperation.Possessive } repeat:
                AddEnclosed(repeat with { Kind = PatternOperation.Greedy }, PatternOperation.Atomic);
                break;
            case RepeatNode repeat:
                AddRepeat(repeat);
                break;
        }
    }

    private int Append(PatternStep step)
    {
        if (steps.Count >= MaxSteps) throw new FormatException("it is too long");
        steps.Add(step);
        return steps.Count - 1;
    }

    private void AddAlternation(IReadOnlyList<PatternNode> parts)
    {
        var jumps = new List<int>();
        for (var i = 0; i < parts.Count - 1; i++)
        {
            var fork = Append(new PatternStep(PatternOperation.Fork));
            Add(parts[i]);
            jumps.Add(Append(new PatternStep(PatternOperation.Jump)));
            steps[fork] = new PatternStep(PatternOperation.Fork, null, fork + 1, steps.Count);
        }

        Add(parts[^1]);
        foreach (var jump in jumps) steps[jump] = new PatternStep(PatternOperation.Jump, null, steps.Count);
    }

    private void AddEnclosed(PatternNode part, PatternOperation operation)
    {
        var isBehind = operation is PatternOperation.LookBehind or PatternOperation.NotBehind;
        if (isBehind && part.Width is null) throw new FormatException("a look-behind of varying width is not supported");
        var head = Append(new PatternStep(operation));
        Add(part);
        Append(new PatternStep(PatternOperation.Accept));
        steps[head] = new PatternStep(operation, null, steps.Count, part.Width ?? 0);
    }

    private void AddRepeat(RepeatNode repeat)
    {
        var isLazy = repeat.Kind == PatternOperation.Lazy;
        for (var i = 0; i < repeat.Least; i++) Add(repeat.Part);
        if (repeat.Most == int.MaxValue)
        {
            if (repeat.Part.CanBeEmpty) throw new FormatException("an unbounded repeat of what may be empty is not supported");
            var fork = Append(new PatternStep(PatternOperation.Fork));
            Add(repeat.Part);
            Append(new PatternStep(PatternOperation.Jump, null, fork));
            steps[fork] = Fork(fork, steps.Count, isLazy);
            return;
        }

        var forks = new List<int>();
        for (var i = repeat.Least; i < repeat.Most; i++)
        {
            forks.Add(Append(new PatternStep(PatternOperation.Fork)));
            Add(repeat.Part);
        }

        foreach (var fork in forks) steps[fork] = Fork(fork, steps.Count, isLazy);
    }

    private static PatternStep Fork(int fork, int exit, bool isLazy) =>
        isLazy ? new PatternStep(PatternOperation.Fork, null, exit, fork + 1) : new PatternStep(PatternOperation.Fork, null, fork + 1, exit);
}
