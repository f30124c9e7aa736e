using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

/// <content>What losses read beside the target's own p: a frozen model's distribution, and the p of a whole response.</content>
public sealed partial class Transformer
{
    private ResponseWeights? responseWeights;

    /// <summary>
    /// The model that <see cref="TokenWeighting.DivergenceFactor"/> is about; null: none. Not owned and never changed by this
    /// one; on the same backend, with this one's vocabulary and at least its <see cref="MaxTokens"/>.
    /// </summary>
    public Transformer? FrozenReference { get; set; }

    /// <summary>The frozen model's pass over a micro-batch, as the loss head takes it; empty where the loss has none.</summary>
    private ReferenceHead Reference(PreparedPass pass, TokenWeighting weighting)
    {
        if (weighting.DivergenceFactor == 0) return default;
        var reference = FrozenReference ?? throw new InvalidOperationException("The loss has a divergence from a frozen model, and there is none.");
        return reference.ForwardFrozen(pass, weighting.DivergenceFactor);
    }

    private ReferenceHead ForwardFrozen(PreparedPass pass, float factor)
    {
        batch.Set(pass);
        // eos_weight stands in for w, not for the divergence's factor.
        backend.Upload<float>(pass.Batch.TokenWeights, batch.StaticWeights);
        Forward(cache: null);
        var hidden = headHidden.SliceRows(0, batch.HeadRowCount);
        backend.GatherRows(finalNormed, batch.HeadRows, hidden);
        return new ReferenceHead(hidden, head, batch.StaticWeights, factor);
    }

    /// <summary>Makes every weight a static one, from the p of the targets' responses: the head forward once more than else.</summary>
    private void WeightByResponse(MicroBatch microBatch, TokenWeighting weighting, Matrix hidden)
    {
        if (weighting.Granularity == DftGranularity.Token) return;
        backend.TokenLoss(new TokenLossArguments(
            hidden, head, batch.Targets, batch.StaticWeights, batch.IsStatic, batch.LogProbabilities, default, default, default, 0, TokenWeighting.Sft, options.LossChunkRows));
        responseWeights ??= new ResponseWeights(MaxTokens);
        ReadLogProbabilities(responseWeights.LogProbabilities(microBatch.TargetCount));
        backend.Upload(responseWeights.Evaluate(microBatch, weighting), batch.StaticWeights);
        backend.Upload(responseWeights.AllStatic(microBatch.TargetCount), batch.IsStatic);
    }
}
