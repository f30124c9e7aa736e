namespace DftNative.Evaluation.Benchmarks;

/// <summary>Told what an evaluation samples, on the thread that runs it.</summary>
public interface IBenchmarkObserver
{
    /// <summary>A token of a sample was drawn.</summary>
    void OnToken() { }

    /// <summary>A sample ended and was graded.</summary>
    void OnSample(GradedSample sample);

    /// <summary>All samples of a problem ended, or it could not be put to the model.</summary>
    void OnProblem(ProblemSamples problem);
}
