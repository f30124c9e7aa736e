using DftNative.Demo;

namespace DftNative.Train.Progress;

/// <summary>A demo's progress as plain lines, for a file or a pipe.</summary>
/// <param name="settings">What the demo does.</param>
/// <param name="output">Written to.</param>
internal sealed class PlainDemoProgress(DemoSettings settings, TextWriter output) : IDemoObserver
{
    /// <inheritdoc/>
    public void OnStarted(string device, long parameterCount) => WriteLine(DemoText.Introduction(settings, parameterCount));

    /// <inheritdoc/>
    public void OnStep(DemoStep step) { }

    /// <inheritdoc/>
    public void OnCurvePoint(string model, DemoCurvePoint point) => WriteLine(DemoText.Point(settings, model, point));

    /// <inheritdoc/>
    public void OnModel(DemoModelResult result) => WriteLine(DemoText.Model(result));

    private void WriteLine(string text)
    {
        output.WriteLine(text);
        output.Flush();
    }
}
