using DftNative.Losses;

namespace DftNative.Training;

/// <summary>What an optimizer step did: a line of metrics.jsonl.</summary>
public sealed record StepMetrics
{
    /// <summary>The step, from 1.</summary>
    public required int Step { get; init; }

    /// <summary>Passes over the data done, fractions included.</summary>
    public required double Epoch { get; init; }

    /// <summary>Tokens of the step's rows, padding not included.</summary>
    public required long TokenCount { get; init; }

    /// <summary>Tokens since step 1, padding not included.</summary>
    public required long TotalTokenCount { get; init; }

    /// <summary>Sums over the step's targets, from before the update.</summary>
    public required TokenLossStatistics Statistics { get; init; }

    /// <summary>The global gradient norm before clipping; null where the step had no target, NaN where its loss was not finite.</summary>
    public required double? GradientNorm { get; init; }

    /// <summary>The learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Seconds from the step's begin to the update's end, evaluation and saving not included.</summary>
    public required double ElapsedSeconds { get; init; }

    /// <summary>Share of the rows given to the device that were padding.</summary>
    public required double PaddingFraction { get; init; }

    /// <summary>The most device memory held at once so far.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Model FLOPs utilisation: what the mathematics asks for a second (see <see cref="ModelFlops"/>), as a share of the device's peak; null where that is not known.</summary>
    public double? ModelFlopsUtilization { get; init; }

    /// <summary>Whether the update was left out because the loss or the gradient was not finite.</summary>
    public required bool IsSkipped { get; init; }

    /// <summary>Steps skipped so far, this one and those of a run that is resumed among them.</summary>
    public int SkippedStepCount { get; init; }

    /// <summary>Where the step's time went; null unless <c>profile</c> asks for it.</summary>
    public StepProfile? Profile { get; init; }

    /// <summary>The evaluation after this step, if there was one.</summary>
    public EvaluationMetrics? Evaluation { get; init; }

    /// <summary>The evaluation by sampled answers after this step, if there was one.</summary>
    public AnswerMetrics? Answers { get; init; }

    /// <summary>Real tokens per second.</summary>
    public double TokensPerSecond => TokenCount / Math.Max(ElapsedSeconds, 1e-9);
}
