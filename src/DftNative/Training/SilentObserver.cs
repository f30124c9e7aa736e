namespace DftNative.Training;

/// <summary>An observer that does nothing.</summary>
internal sealed class SilentObserver : ITrainingObserver
{
    public void OnStarted(TrainingPlan plan) { }

    public void OnStep(StepMetrics metrics) { }

    public void OnCheckpointSaved(int step, string directory) { }

    public void OnFinished(TrainingResult result) { }
}
