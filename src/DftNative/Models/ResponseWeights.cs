using DftNative.Losses;

namespace DftNative.Models;

/// <summary>
/// Weights by the probability of a whole response. A response is all trained targets of a row: of a conversation with
/// several trained turns, all of them together, since they are what the row asks the model to say.
/// </summary>
/// <param name="maxTargets">The most targets of a micro-batch.</param>
internal sealed class ResponseWeights(int maxTargets)
{
    private readonly float[] logProbabilities = new float[maxTargets];
    private readonly float[] weights = new float[maxTargets];
    private readonly int[] allStatic = [.. Enumerable.Repeat(1, maxTargets)];

    /// <summary>[count] log p of each target, to be written before <see cref="Evaluate"/>.</summary>
    public Span<float> LogProbabilities(int count) => logProbabilities.AsSpan(0, count);

    /// <summary>[count] ones.</summary>
    public ReadOnlySpan<int> AllStatic(int count) => allStatic.AsSpan(0, count);

    /// <summary>The weight of each target, factors of the data included; a target whose weight is static keeps it.</summary>
    /// <param name="batch">The targets.</param>
    /// <param name="weighting">How a weight depends on p, and whether p is the product or the geometric mean.</param>
    /// <returns>[targets].</returns>
    public ReadOnlySpan<float> Evaluate(MicroBatch batch, TokenWeighting weighting)
    {
        var end = 0;
        for (var document = 1; document < batch.DocumentStarts.Length; document++)
        {
            var (start, sum) = (end, 0.0);
            for (; end < batch.TargetCount && batch.TargetRows[end] < batch.DocumentStarts[document]; end++) sum += logProbabilities[end];
            var weight = weighting.EvaluateResponse(weighting.Granularity == DftGranularity.Geometric ? sum / Math.Max(1, end - start) : sum);
            for (var target = start; target < end; target++)
                weights[target] = batch.StaticWeights[target] * (batch.IsStatic[target] == 0 ? weight : 1);
        }

        return weights.AsSpan(0, batch.TargetCount);
    }
}
