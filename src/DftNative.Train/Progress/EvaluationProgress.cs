using System.Globalization;
using DftNative.Evaluation.Benchmarks;

namespace DftNative.Train.Progress;

/// <summary>What a user sees of an evaluation while it runs.</summary>
internal abstract class EvaluationProgress : IBenchmarkObserver
{
    private readonly TimeProvider time = TimeProvider.System;
    private long startTimestamp, tokens;
    private int total, done, begun, samplesPerProblem, samples, right, cutOff;

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
    public void OnSample(GradedSample sample)
    {
        samples++;
        tokens += sample.TokenCount;
        if (sample.Verdict == SampleVerdict.Right) right++;
        if (!sample.Stopped) cutOff++;
        OnChanged();
    }

    /// <inheritdoc/>
    public void OnProblem(ProblemSamples problem)
    {
        done++;
        if (problem.Error is not null) samples += samplesPerProblem;
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
        var left = ((total - begun) * (long)samplesPerProblem) - samples;
        var remaining = samples == 0 ? TimeSpan.Zero : elapsed / samples * Math.Max(0, left);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{done}/{total} problems  right {right / (double)Math.Max(1, samples):P1}  cut off {cutOff / (double)Math.Max(1, samples):P1}  {tokens / Math.Max(elapsed.TotalSeconds, 1e-9):0} tok/s  eta {StepText.FormatRemaining(remaining)}");
    }
}
