namespace DftNative.Train.Progress;

/// <summary>An evaluation's progress as plain lines, one for each twentieth of the problems, for a file or a pipe.</summary>
/// <param name="output">Written to.</param>
/// <param name="time">The clock.</param>
internal sealed class PlainEvaluationProgress(TextWriter output, TimeProvider time) : EvaluationProgress(time)
{
    private const int Lines = 20;

    private int written;

    /// <inheritdoc/>
    protected override void OnBegun() => written = Part;

    /// <inheritdoc/>
    protected override void OnChanged()
    {
        if (Part == written) return;
        written = Part;
        output.WriteLine(Describe());
        output.Flush();
    }

    private int Part => (int)((long)Done * Lines / Math.Max(1, Total));
}
