namespace DftNative.Demo;

/// <summary>Is told what a demo does, on the demo's own thread.</summary>
public interface IDemoObserver
{
    /// <summary>Before anything is computed.</summary>
    /// <param name="device">What it runs on, for people.</param>
    /// <param name="parameterCount">Of the model.</param>
    void OnStarted(string device, long parameterCount);

    /// <summary>After an optimizer step.</summary>
    void OnStep(DemoStep step);

    /// <summary>After an evaluation during a fine-tune.</summary>
    /// <param name="model">sft or dft.</param>
    /// <param name="point">The new point of its learning curve.</param>
    void OnCurvePoint(string model, DemoCurvePoint point);

    /// <summary>After a model has solved the held-out problems.</summary>
    void OnModel(DemoModelResult result);
}
