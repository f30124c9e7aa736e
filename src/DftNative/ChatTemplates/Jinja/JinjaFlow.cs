namespace DftNative.ChatTemplates.Jinja;

/// <summary>What follows a statement.</summary>
internal enum JinjaFlow
{
    /// <summary>The next statement.</summary>
    Next,

    /// <summary>The end of the innermost loop.</summary>
    Break,

    /// <summary>The next turn of the innermost loop.</summary>
    Continue,
}
