using System.Globalization;
using DftNative.Evaluation.Benchmarks;

namespace DftNative.Train.Progress;

/// <summary>What a user sees of an evaluation while it runs.</summary>
/// <param name="time">The clock.</param>
internal abstract class EvaluationProgress(TimeProvider time) : IBenchmarkObserver
{
    private long startTimestamp, tokens, finishedTokens;
    private int total, done, begun, samplesPerProblem, samples, unasked, right, cutOff;

    /// <summary>Problems in all.</summary>
    protected int Total => total;

    /// <summary>Problems done, those of an earlier part included.</summary>
    protected int Done => done;

    /// <summary>Before the first sample.</summary>
    /// <param name="problemCount">Problems in all.</param>
    /// <param name="doneCount">Problems of an earlier part.</param>
    /// <param name="sampleCount">Samples a problem.</param>
    public void Begin(int problemCount, int doneCount, int sampleCount)
    {
        (total, done, begun, samplesPerProblem) = (problemCount, doneCount, doneCount, sampleCount);
        startTimestamp = time.GetTimestamp();
        OnBegun();
    }

    /// <inheritdoc/>
    public void OnToken() => tokens++;

    /// <inheritdoc/>
    public void OnSample(GradedSample sample)
    {
        samples++;
        finishedTokens += sample.TokenCount;
        if (sample.Verdict == SampleVerdict.Right) right++;
        if (!sample.Stopped) cutOff++;
        OnChanged();
    }

    /// <inheritdoc/>
    public void OnProblem(ProblemSamples problem)
    {
        done++;
        if (problem.Error is not null) unasked += samplesPerProblem;
        OnChanged();
    }

    /// <summary>Called before the first sample.</summary>
    protected abstract void OnBegun();

    /// <summary>Called after each sample and problem.</summary>
    protected abstract void OnChanged();

    /// <summary>Problems, the share of samples that are right and cut off, tokens/s and the time to go: of this part of the evaluation.</summary>
    protected string Describe()
    {
        var elapsed = time.GetElapsedTime(startTimestamp);
        var graded = Math.Max(1, samples + unasked);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{done}/{total} problems  right {right / (double)graded:P1}  cut off {cutOff / (double)graded:P1}  {tokens / Math.Max(elapsed.TotalSeconds, 1e-9):0} tok/s  eta {StepText.FormatRemaining(EstimateRemaining(elapsed))}");
    }

    /// <summary>By tokens, those of samples that have not ended among them: where many run at once, most are nearly done when the first ends.</summary>
    private TimeSpan EstimateRemaining(TimeSpan elapsed)
    {
        if (samples == 0 || tokens == 0) return TimeSpan.Zero;
        var expected = finishedTokens / (double)samples * (((total - begun) * (long)samplesPerProblem) - unasked);
        return elapsed / tokens * Math.Max(0, expected - tokens);
    }
}
