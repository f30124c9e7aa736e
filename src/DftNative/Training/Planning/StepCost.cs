using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training.Planning;

/// <summary>
/// A model of an optimizer step's time, to compare choices with: matrix products and attention by their floating-point
/// operations, everything else by the bytes it moves. Seconds of one H200 at what others measured there (bf16 products
/// 790 TFLOP/s, attention 290 forward and 200 backward, copies 4.3 TB/s); what is made of them are ratios, and the
/// ratio of operations to bytes is alike on other cards. What it does not know: launches, and the efficiency of small
/// products.
/// </summary>
internal sealed class StepCost
{
    private const double ProductFlopsPerSecond = 790e12;
    private const double AttentionForwardFlopsPerSecond = 290e12;
    private const double AttentionBackwardFlopsPerSecond = 200e12;
    private const double BytesPerSecond = 4.3e12;
    private const double BytesPerActivation = 2;
    private const double BytesPerLogit = 10; // fp32 written and read, its gradient in bf16 written

    private readonly Workload workload;
    private readonly double layers, hidden, query, keyValue, intermediate, vocabulary;
    private readonly Dictionary<int, double> passesOf = [];
    private readonly double headWeights;
    private readonly double parameters;
    private readonly double gradientBytesPerPass, updateBytes;

    /// <summary>For a model and rows.</summary>
    public StepCost(ModelConfiguration configuration, Workload workload, Precision precision)
    {
        this.workload = workload;
        (layers, hidden, query, keyValue) = (configuration.LayerCount, configuration.HiddenSize, configuration.QuerySize, configuration.KeyValueSize);
        (intermediate, vocabulary) = (configuration.IntermediateSize, configuration.VocabularySize);
        headWeights = hidden * vocabulary;
        parameters = (layers * LayerWeights) + headWeights;
        // Gradients in fp32 are read and written; in bf16 too, and the fp32 product that is added is written and read besides.
        gradientBytesPerPass = precision == Precision.Exact ? 8 : 12;
        updateBytes = precision switch { Precision.Exact => 28, Precision.Lean => 20, _ => 16 };
    }

    private double LayerWeights => (hidden * (query + (2 * keyValue))) + (query * hidden) + (3 * hidden * intermediate);

    /// <summary>The step's time, and how much of it is spent computing again what was not kept.</summary>
    public (double Seconds, double RecomputeShare) Of(PassChoice choice)
    {
        if (!passesOf.TryGetValue(choice.MicroBatchTokens, out var passes))
            passesOf.Add(choice.MicroBatchTokens, passes = workload.CountPasses(choice.MicroBatchTokens));
        // A pass is filled up with dead rows, which cost as others do but in attention and in the head.
        var rows = passes * choice.MicroBatchTokens;
        var tokens = workload.TokensPerStep;
        var work = (layers * ((rows * LayerSeconds) + (tokens * AttentionSeconds))) + (tokens * HeadSeconds);
        var recomputed = layers * ((rows * RecomputedLayerSeconds(choice.Recompute)) + (tokens * RecomputedAttentionSeconds(choice.Recompute)));
        var chunks = Math.Max(passes, tokens / choice.LossChunkRows);
        var traffic = (passes * (parameters - headWeights) * WeightBytesPerPass) + (chunks * headWeights * WeightBytesPerPass) + (parameters * updateBytes);
        var seconds = work + recomputed + (traffic / BytesPerSecond);
        return (seconds, recomputed / seconds);
    }

    /// <summary>Weights are read forward and backward in bf16; their gradients are accumulated.</summary>
    private double WeightBytesPerPass => 4 + gradientBytesPerPass;

    /// <summary>Of a row: 2 operations a weight forward, 4 backward; SwiGLU, norms and RoPE by the tensors that they move.</summary>
    private double LayerSeconds =>
        (6 * LayerWeights / ProductFlopsPerSecond)
        + (((8 * intermediate) + (16 * hidden) + (4 * (query + keyValue))) * BytesPerActivation / BytesPerSecond);

    /// <summary>Of a token: two products forward and five backward over the visible half of its row.</summary>
    private double AttentionSeconds =>
        AttentionForwardSeconds + (5 * query * workload.AttentionLength / AttentionBackwardFlopsPerSecond);

    private double AttentionForwardSeconds => 2 * query * workload.AttentionLength / AttentionForwardFlopsPerSecond;

    private double HeadSeconds => (6 * headWeights / ProductFlopsPerSecond) + (vocabulary * BytesPerLogit / BytesPerSecond);

    private double RecomputedLayerSeconds(RecomputeLevel level)
    {
        double seconds = 0;
        // Two norms read and write their rows; SwiGLU's output is written by its own backward.
        if (level >= RecomputeLevel.Norms) seconds += ((4 * hidden) + intermediate) * BytesPerActivation / BytesPerSecond;
        if (level >= RecomputeLevel.FeedForward) seconds += 2 * hidden * 2 * intermediate / ProductFlopsPerSecond;
        if (level >= RecomputeLevel.Block)
        {
            seconds += 2 * hidden * ((2 * query) + (2 * keyValue)) / ProductFlopsPerSecond;
            seconds += 2 * (query + keyValue) * BytesPerActivation / BytesPerSecond;
        }

        return seconds;
    }

    private double RecomputedAttentionSeconds(RecomputeLevel level) => level >= RecomputeLevel.Block ? AttentionForwardSeconds : 0;
}
