namespace DftNative.Evaluation.Grading;

/// <summary>How an answer was found in a text; the first rule that finds one counts.</summary>
public enum ExtractionRule
{
    /// <summary>In the last <c>\boxed{}</c> or <c>\fbox{}</c> that is closed.</summary>
    Box,

    /// <summary>Behind the last <c>####</c>.</summary>
    HashMarks,

    /// <summary>Behind the last "the answer is", "final answer:" or the like.</summary>
    Phrase,

    /// <summary>The whole text is an answer.</summary>
    WholeText,

    /// <summary>The last formula between dollar signs or <c>\( \)</c>.</summary>
    LastFormula,

    /// <summary>The last number.</summary>
    LastNumber,
}
