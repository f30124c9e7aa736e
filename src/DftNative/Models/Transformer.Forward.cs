using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

public sealed partial class Transformer
{
    private void Forward(KeyValueCache? cache)
    {
        var epsilon = Configuration.RmsNormEpsilon;
        var tokens = batch.TokenCount;
        var x = projected.SliceRows(0, tokens);
        backend.EmbeddingForward(batch.Tokens, embedding, activations[0].Residual.SliceRows(0, tokens));
        for (var layer = 0; layer < activations.Length; layer++)
        {
            var (weight, a) = (weights[layer], activations[layer]);
            var (residual, normed) = (a.Residual.SliceRows(0, tokens), a.Normed.SliceRows(0, tokens));
            if (layer == 0)
                backend.ResidualRmsNormForward(residual, default, weight.InputNorm, default, normed, a.InputRstd.Slice(0, tokens), epsilon);
            else
                backend.ResidualRmsNormForward(x, activations[layer - 1].PostResidual.SliceRows(0, tokens), weight.InputNorm, residual, normed, a.InputRstd.Slice(0, tokens), epsilon);

            backend.LinearForward(normed, weight.QueryKeyValue, weight.QueryKeyValueBias, a.QueryKeyValue.SliceRows(0, tokens));
            var (query, key, value) = Heads(a, tokens);
            if (Configuration.QueryKeyNorm)
            {
                var (rawQuery, rawKey, _) = Split(a.QueryKeyValue.SliceRows(0, tokens));
                backend.HeadRmsNormForward(rawQuery, weight.QueryNorm, query, a.QueryRstd.Slice(0, (long)tokens * Configuration.HeadCount), epsilon);
                backend.HeadRmsNormForward(rawKey, weight.KeyNorm, key, a.KeyRstd.Slice(0, (long)tokens * Configuration.KeyValueHeadCount), epsilon);
            }

            backend.RotaryEmbedding(query, batch.Positions, cosSin, Configuration.HeadDimension, inverse: false);
            backend.RotaryEmbedding(key, batch.Positions, cosSin, Configuration.HeadDimension, inverse: false);
            if (cache is not null)
            {
                backend.ScatterRows(key, cache.Rows.Slice(0, tokens), cache.Keys(layer));
                backend.ScatterRows(value, cache.Rows.Slice(0, tokens), cache.Values(layer));
                (key, value) = (cache.Keys(layer), cache.Values(layer));
            }

            var attended = a.Attended.SliceRows(0, tokens);
            backend.AttentionForward(query, key, value, attended, a.LogSumExp.SliceColumns(0, tokens), batch.Ranges, attentionShape);
            backend.LinearForward(attended, weight.Output, weight.OutputBias, x);

            var (postResidual, postNormed) = (a.PostResidual.SliceRows(0, tokens), a.PostNormed.SliceRows(0, tokens));
            backend.ResidualRmsNormForward(x, residual, weight.PostNorm, postResidual, postNormed, a.PostRstd.Slice(0, tokens), epsilon);
            backend.LinearForward(postNormed, weight.GateUp, default, a.GateUp.SliceRows(0, tokens));
            backend.SwiGluForward(a.GateUp.SliceRows(0, tokens), a.Activated.SliceRows(0, tokens));
            backend.LinearForward(a.Activated.SliceRows(0, tokens), weight.Down, default, x);
        }

        backend.ResidualRmsNormForward(
            x, activations[^1].PostResidual.SliceRows(0, tokens), finalNorm, finalResidual.SliceRows(0, tokens), finalNormed.SliceRows(0, tokens), finalRstd.Slice(0, tokens), epsilon);
    }

    /// <summary>Only the rows that predict a target go through the head.</summary>
    private void Loss(MicroBatch microBatch, TokenWeighting weighting, float gradientScale, bool backward)
    {
        var hidden = headHidden.SliceRows(0, batch.HeadRowCount);
        backend.GatherRows(finalNormed, batch.HeadRows, hidden);
        WeightByResponse(microBatch, weighting, hidden);
        backend.TokenLoss(new TokenLossArguments(
            hidden, head, batch.Targets, batch.StaticWeights, batch.IsStatic, batch.LogProbabilities, statistics,
            backward ? headHiddenGradient.SliceRows(0, batch.HeadRowCount) : default, backward ? headGradient : default, gradientScale, weighting)
        {
            Reference = Reference(microBatch, weighting),
        });
    }

    /// <summary>The columns of q, k and v.</summary>
    private (Matrix Query, Matrix Key, Matrix Value) Split(Matrix queryKeyValue)
    {
        var (query, keyValue) = (Configuration.QuerySize, Configuration.KeyValueSize);
        return (queryKeyValue.SliceColumns(0, query), queryKeyValue.SliceColumns(query, keyValue), queryKeyValue.SliceColumns(query + keyValue, keyValue));
    }

    /// <summary>Where q, k and v are that the attention reads: q and k beside their unnormed values where the model normalises them.</summary>
    private (Matrix Query, Matrix Key, Matrix Value) Heads(LayerActivations a, int tokens)
    {
        var heads = Split(a.QueryKeyValue.SliceRows(0, tokens));
        if (!Configuration.QueryKeyNorm) return heads;
        var normed = a.NormedQueryKey.SliceRows(0, tokens);
        return (normed.SliceColumns(0, Configuration.QuerySize), normed.SliceColumns(Configuration.QuerySize, Configuration.KeyValueSize), heads.Value);
    }
}
