namespace DftNative.Training;

/// <summary>Tells several observers, in their order.</summary>
internal sealed class ObserverGroup(params ITrainingObserver[] observers) : ITrainingObserver
{
    public void OnStarted(TrainingPlan plan)
    {
        foreach (var observer in observers) observer.OnStarted(plan);
    }

    public void OnStep(StepMetrics metrics)
    {
        foreach (var observer in observers) observer.OnStep(metrics);
    }

    public void OnAnswers(int step, AnswerMetrics answers)
    {
        foreach (var observer in observers) observer.OnAnswers(step, answers);
    }

    public void OnCheckpointSaved(int step, string directory)
    {
        foreach (var observer in observers) observer.OnCheckpointSaved(step, directory);
    }

    public void OnFinished(TrainingResult result)
    {
        foreach (var observer in observers) observer.OnFinished(result);
    }
}
