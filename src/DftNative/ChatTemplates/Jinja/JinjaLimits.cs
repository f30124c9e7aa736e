namespace DftNative.ChatTemplates.Jinja;

/// <summary>What a template may use up. Templates come with models and are not trusted.</summary>
internal static class JinjaLimits
{
    /// <summary>Evaluated nodes and loop turns of a rendering, and what long values cost (see <see cref="RenderState.Charge"/>).</summary>
    public const long MaxSteps = 20_000_000;

    /// <summary>The most UTF-16 units of a text, the rendering included.</summary>
    public const int MaxTextLength = 1 << 27;

    /// <summary>How deeply nodes are evaluated within each other, macro calls included.</summary>
    public const int MaxEvaluationDepth = 600;

    /// <summary>How deeply a template's source may nest.</summary>
    public const int MaxSyntaxDepth = 100;

    /// <summary>How deeply lists and dicts may nest.</summary>
    public const int MaxValueDepth = 200;

    /// <summary>The longest range(), as in Jinja's sandbox.</summary>
    public const int MaxRange = 100_000;

    /// <summary>The most items of a list.</summary>
    public const int MaxItems = 10_000_000;

    /// <summary>The most bits of an integer.</summary>
    public const int MaxIntegerBits = 1 << 13;

    /// <summary>The longest template, in UTF-16 units.</summary>
    public const int MaxSourceLength = 1 << 20;

    /// <summary>Checks the length of a text before it is made.</summary>
    /// <exception cref="JinjaValueException">It is too long.</exception>
    public static int CheckTextLength(long length) =>
        length <= MaxTextLength ? (int)length : throw new JinjaValueException($"a text of more than {MaxTextLength} characters would be made, which is the limit");

    /// <summary>Checks the length of a list before it is made.</summary>
    /// <exception cref="JinjaValueException">It is too long.</exception>
    public static int CheckItemCount(long count) =>
        count <= MaxItems ? (int)count : throw new JinjaValueException($"a list of more than {MaxItems} items would be made, which is the limit");

    /// <summary>The depth of a value that holds <paramref name="items"/>.</summary>
    /// <exception cref="JinjaValueException">It is too deep.</exception>
    public static int NestedDepth(IEnumerable<object> items)
    {
        var depth = 0;
        foreach (var item in items) depth = Math.Max(depth, DepthOf(item));
        return depth < MaxValueDepth ? depth + 1 : throw new JinjaValueException($"lists or dicts are nested more than {MaxValueDepth} deep, which is the limit");
    }

    private static int DepthOf(object value) => value switch
    {
        JinjaSequence sequence => sequence.Depth,
        JinjaMapping mapping => mapping.Depth,
        _ => 0,
    };
}
