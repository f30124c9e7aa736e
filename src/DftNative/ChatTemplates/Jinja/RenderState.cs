using System.Text;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>One rendering of a template: its names, its output, and what it has used up.</summary>
internal sealed class RenderState
{
    private readonly string source;
    private readonly IReadOnlyDictionary<string, object> variables;
    private readonly IReadOnlyDictionary<string, object> globals;
    private readonly StringBuilder root = new();
    private readonly List<(int Start, int End)> generationSpans = [];
    private StringBuilder output;
    private long steps;
    private int depth;

    /// <summary>Begins a rendering.</summary>
    /// <param name="source">The template, for the places of errors.</param>
    /// <param name="variables">What it is rendered with.</param>
    /// <param name="clock">What <c>strftime_now</c> reads.</param>
    public RenderState(string source, IReadOnlyDictionary<string, object> variables, Func<DateTime> clock)
    {
        (this.source, this.variables, output) = (source, variables, root);
        globals = JinjaGlobals.Create(clock);
    }

    /// <summary>The names that are in force.</summary>
    public JinjaScope Scope { get; private set; } = new(null);

    /// <summary>What has been rendered, and the spans of generation blocks in it.</summary>
    public JinjaRendering Result => new(root.ToString(), generationSpans);

    /// <summary>The value of a name; an undefined value where nothing has it.</summary>
    public object Resolve(string name) => Scope.Find(name)
        ?? variables.GetValueOrDefault(name)
        ?? globals.GetValueOrDefault(name)
        ?? new JinjaUndefined($"'{name}' is undefined");

    /// <summary>Counts a node that begins.</summary>
    /// <exception cref="JinjaValueException">A limit is passed.</exception>
    public void Enter()
    {
        Charge(1);
        if (++depth > JinjaLimits.MaxEvaluationDepth) throw new JinjaValueException($"the template nests or recurses more than {JinjaLimits.MaxEvaluationDepth} deep, which is the limit");
    }

    /// <summary>Counts a node that ends.</summary>
    public void Leave() => depth--;

    /// <summary>Counts work.</summary>
    /// <exception cref="JinjaValueException">The limit is passed.</exception>
    public void Charge(long count)
    {
        steps += count;
        if (steps > JinjaLimits.MaxSteps) throw new JinjaValueException($"the template takes more than {JinjaLimits.MaxSteps} steps, which is the limit; does it loop for ever?");
    }

    /// <summary>Counts the work on a long value.</summary>
    public void ChargeFor(object value)
    {
        if (value is string text)
            Charge(text.Length >> 8);
        else if (value is JinjaSequence sequence)
            Charge(sequence.Items.Count >> 3);
        else if (value is JinjaMapping mapping)
            Charge(mapping.Count >> 3);
    }

    /// <summary>Writes text.</summary>
    public void Write(string text)
    {
        ChargeFor(text);
        JinjaLimits.CheckTextLength((long)output.Length + text.Length);
        output.Append(text);
    }

    /// <summary>Runs statements in the scope that is in force.</summary>
    public JinjaFlow Run(IReadOnlyList<JinjaStatement> statements)
    {
        foreach (var statement in statements)
            if (statement.Execute(this) is not JinjaFlow.Next and var flow) return flow;
        return JinjaFlow.Next;
    }

    /// <summary>Runs statements in a new scope within <paramref name="parent"/>.</summary>
    public JinjaFlow RunWithin(JinjaScope parent, IReadOnlyList<JinjaStatement> statements, Action<JinjaScope>? prepare = null)
    {
        var outer = Scope;
        Scope = new JinjaScope(parent);
        prepare?.Invoke(Scope);
        var flow = Run(statements);
        Scope = outer;
        return flow;
    }

    /// <summary>Evaluates with the scope set to another.</summary>
    public T Within<T>(JinjaScope scope, Func<T> evaluate)
    {
        var outer = Scope;
        Scope = scope;
        var result = evaluate();
        Scope = outer;
        return result;
    }

    /// <summary>Runs statements in a new scope and returns what they write.</summary>
    public string Capture(JinjaScope parent, IReadOnlyList<JinjaStatement> statements, Action<JinjaScope>? prepare = null)
    {
        var outer = output;
        output = new StringBuilder();
        RunWithin(parent, statements, prepare);
        var text = output.ToString();
        output = outer;
        return text;
    }

    /// <summary>Runs the body of a generation block.</summary>
    /// <exception cref="JinjaValueException">It stands where its place in the rendering cannot be known.</exception>
    public void RunGeneration(IReadOnlyList<JinjaStatement> statements)
    {
        if (output != root) throw new JinjaValueException("a generation block inside a macro, set block, filter block or call block is not supported: its place in the text is not known");
        var start = root.Length;
        RunWithin(Scope, statements);
        generationSpans.Add((start, root.Length));
    }

    /// <summary>An error with its place.</summary>
    public JinjaException Locate(JinjaValueException error, int position) => JinjaPosition.Error(source, position, error.Message, error);
}
