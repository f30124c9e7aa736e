namespace DftNative.ChatTemplates.Jinja;

/// <summary>Which of Python's sequences a <see cref="JinjaSequence"/> is.</summary>
internal enum SequenceKind
{
    /// <summary><c>[…]</c></summary>
    List,

    /// <summary><c>(…)</c></summary>
    Tuple,

    /// <summary>What <c>range()</c> gives.</summary>
    Range,
}
