namespace DftNative.Tokenizers;

/// <summary>Runs the steps of a compiled pattern over one text, with a stack of places to go back to.</summary>
internal ref struct PatternMatcher(PatternStep[] steps, ReadOnlySpan<char> text, long stepLimit)
{
    /// <summary>The answer where nothing matches.</summary>
    public const int NoMatch = -1;

    /// <summary>The answer where the limit was reached.</summary>
    public const int OutOfSteps = -2;

    private readonly PatternStep[] steps = steps;
    private readonly ReadOnlySpan<char> text = text;

    /// <summary>Step to go on at; position; the least position to which a greedy run may shrink (−1: not a run), or how far a lazy one may grow.</summary>
    private (int Step, int Position, int Bound, CodePointSet? Lazy)[] stack = new (int, int, int, CodePointSet?)[16];

    private int depth;
    private long stepsLeft = stepLimit;

    /// <summary>The end of the match that begins at <paramref name="position"/>; <see cref="NoMatch"/> or <see cref="OutOfSteps"/>.</summary>
    /// <param name="step">The first step.</param>
    /// <param name="position">Where to match.</param>
    public int Match(int step, int position)
    {
        var bottom = depth;
        while (true)
        {
            if (--stepsLeft < 0) return OutOfSteps;
            var current = steps[step];
            if (current.Operation == PatternOperation.Accept)
            {
                depth = bottom;
                return position;
            }

            if (TryStep(current, ref step, ref position)) continue;
            if (stepsLeft < 0) return OutOfSteps;
            if (depth == bottom) return NoMatch;
            GoBack(out step, out position);
        }
    }

    private bool TryStep(PatternStep current, ref int step, ref int position)
    {
        switch (current.Operation)
        {
            case PatternOperation.One:
                if (position == text.Length) return false;
                if (!current.Set!.Contains(CodePoints.CodeAt(text, position, out var length))) return false;
                position += length;
                step++;
                return true;
            case PatternOperation.Greedy or PatternOperation.Possessive or PatternOperation.Lazy:
                return TryRun(current, ref step, ref position);
            case PatternOperation.Fork:
                Push(current.Second, position, -1, null);
                step = current.First;
                return true;
            case PatternOperation.Jump:
                step = current.First;
                return true;
            case PatternOperation.Atomic:
                var end = Match(step + 1, position);
                if (end < 0) return false;
                (step, position) = (current.First, end);
                return true;
            case PatternOperation.LookAhead or PatternOperation.NotAhead or PatternOperation.LookBehind or PatternOperation.NotBehind:
                return TryLook(current, ref step, position);
            default:
                if (!Holds(current.Operation, position)) return false;
                step++;
                return true;
        }
    }

    private bool TryLook(PatternStep current, ref int step, int position)
    {
        var isBehind = current.Operation is PatternOperation.LookBehind or PatternOperation.NotBehind;
        var start = isBehind ? Back(position, current.Second) : position;
        var end = start < 0 ? NoMatch : Match(step + 1, start);
        if (end == OutOfSteps || end >= 0 != current.Operation is PatternOperation.LookAhead or PatternOperation.LookBehind) return false;
        step = current.First;
        return true;
    }

    private bool TryRun(PatternStep current, ref int step, ref int position)
    {
        var limit = current.Operation == PatternOperation.Lazy ? current.First : current.Second;
        var count = 0;
        var least = position;
        while (count < limit && position < text.Length && current.Set!.Contains(CodePoints.CodeAt(text, position, out var length)))
        {
            position += length;
            if (++count <= current.First) least = position;
        }

        stepsLeft -= count;
        if (count < current.First) return false;
        step++;
        if (current.Operation == PatternOperation.Greedy && position > least) Push(step, position, least, null);
        if (current.Operation == PatternOperation.Lazy && count < current.Second) Push(step, position, current.Second - count, current.Set);
        return true;
    }

    private void GoBack(out int step, out int position)
    {
        ref var top = ref stack[depth - 1];
        (step, position) = (top.Step, top.Position);
        if (top.Bound < 0)
        {
            depth--;
        }
        else if (top.Lazy is { } set)
        {
            var isTaken = position < text.Length && set.Contains(CodePoints.CodeAt(text, position, out _));
            if (!isTaken)
            {
                // A step that cannot be taken: what is below it on the stack comes next.
                depth--;
                step = steps.Length - 1;
                return;
            }

            position += CodePoints.LengthAt(text, position);
            top.Position = position;
            if (--top.Bound == 0) depth--;
        }
        else
        {
            position = Back(position, 1);
            top.Position = position;
            if (position == top.Bound) depth--;
        }
    }

    private readonly bool Holds(PatternOperation operation, int position) => operation switch
    {
        PatternOperation.TextStart => position == 0,
        PatternOperation.TextEnd => position == text.Length,
        PatternOperation.LineStart => position == 0 || (text[position - 1] == '\n' && position < text.Length),
        PatternOperation.LineEnd => position == text.Length || text[position] == '\n',
        PatternOperation.WordBoundary => IsWordAt(position) != IsWordBefore(position),
        PatternOperation.NotWordBoundary => IsWordAt(position) == IsWordBefore(position),
        _ => false,
    };

    private readonly bool IsWordAt(int position) => position < text.Length && CodePoints.IsWord(CodePoints.CodeAt(text, position, out _));

    private readonly bool IsWordBefore(int position) => position > 0 && IsWordAt(Back(position, 1));

    /// <summary>The place some code points before, or −1.</summary>
    private readonly int Back(int position, int count)
    {
        for (; count > 0 && position >= 0; count--)
            position -= position >= 2 && char.IsLowSurrogate(text[position - 1]) ? 2 : 1;
        return position;
    }

    private void Push(int step, int position, int bound, CodePointSet? lazy)
    {
        if (depth == stack.Length) Array.Resize(ref stack, 2 * depth);
        stack[depth++] = (step, position, bound, lazy);
    }
}
