namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>What commas between digits are in an answer.</summary>
internal enum DigitGrouping
{
    /// <summary>There are none, or they separate items.</summary>
    None,

    /// <summary>They group the digits of its numbers.</summary>
    Numbers,

    /// <summary>They group the digits of the one number that it is, though they could separate items as well.</summary>
    WholeAnswer,
}
