namespace DftNative.Training;

/// <summary>Is told what a run does, on the run's own thread; every method returns before the run goes on.</summary>
public interface ITrainingObserver
{
    /// <summary>Before the first step.</summary>
    void OnStarted(TrainingPlan plan);

    /// <summary>After a step, and after its evaluation if it has one.</summary>
    void OnStep(StepMetrics metrics);

    /// <summary>After an evaluation by sampled answers that an earlier part of the run had cut short, before the next step.</summary>
    /// <param name="step">The step that it belongs to, which <see cref="OnStep"/> of that part has told of without it.</param>
    /// <param name="answers">What it found.</param>
    void OnAnswers(int step, AnswerMetrics answers) { }

    /// <summary>After a checkpoint is complete on disk.</summary>
    void OnCheckpointSaved(int step, string directory);

    /// <summary>After the last step and the writing of the result.</summary>
    void OnFinished(TrainingResult result);
}
