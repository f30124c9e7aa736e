using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Models;

public sealed partial class Transformer
{
    private void Forward(KeyValueCache? cache)
    {
        var x = Rows(projected);
        backend.EmbeddingForward(batch.Tokens, embedding, Rows(activations[0].Residual));
        for (var layer = 0; layer < activations.Length; layer++)
        {
            var (weight, a) = (weights[layer], activations[layer]);
            var (residual, normed, inputRstd) = (Rows(a.Residual), Rows(a.Normed), Rows(a.InputRstd));
            if (layer == 0) backend.ResidualRmsNormForward(residual, default, weight.InputNorm, default, normed, inputRstd, Epsilon);
            else backend.ResidualRmsNormForward(x, Rows(activations[layer - 1].PostResidual), weight.InputNorm, residual, normed, inputRstd, Epsilon);
            AttentionForward(layer, cache, x);
            backend.ResidualRmsNormForward(x, residual, weight.PostNorm, Rows(a.PostResidual), Rows(a.PostNormed), Rows(a.PostRstd), Epsilon);
            GateUpForward(layer);
            backend.SwiGluForward(Rows(a.GateUp), Rows(a.Activated));
            backend.LinearForward(Rows(a.Activated), weight.Down, default, x);
        }

        backend.ResidualRmsNormForward(x, Rows(activations[^1].PostResidual), finalNorm, Rows(finalResidual), Rows(finalNormed), Rows(finalRstd), Epsilon);
    }

    /// <summary>The attention half of a layer, from its normed input to x.</summary>
    private void AttentionForward(int layer, KeyValueCache? cache, Matrix x)
    {
        var (weight, a) = (weights[layer], activations[layer]);
        backend.LinearForward(Rows(a.Normed), weight.QueryKeyValue, weight.QueryKeyValueBias, Rows(a.QueryKeyValue));
        var (query, key, value) = Heads(a);
        if (Configuration.QueryKeyNorm)
        {
            var (rawQuery, rawKey, _) = Split(Rows(a.QueryKeyValue));
            backend.HeadRmsNormForward(rawQuery, weight.QueryNorm, query, HeadRstd(a.QueryRstd, Configuration.HeadCount), Epsilon);
            backend.HeadRmsNormForward(rawKey, weight.KeyNorm, key, HeadRstd(a.KeyRstd, Configuration.KeyValueHeadCount), Epsilon);
        }

        backend.RotaryEmbedding(QueryAndKey(Configuration.QueryKeyNorm ? a.NormedQueryKey : a.QueryKeyValue), batch.Positions, cosSin, Configuration.HeadDimension, inverse: false);
        if (cache is not null)
        {
            backend.ScatterRows(key, Rows(cache.Rows), cache.Keys(layer));
            backend.ScatterRows(value, Rows(cache.Rows), cache.Values(layer));
            (key, value) = (cache.Keys(layer), cache.Values(layer));
        }

        var attended = Rows(a.Attended);
        backend.AttentionForward(query, key, value, attended, LogSumExp(a), batch.Ranges, attentionShape);
        backend.LinearForward(attended, weight.Output, weight.OutputBias, x);
    }

    /// <summary>The feed-forward half of a layer up to what its backward begins with.</summary>
    private void GateUpForward(int layer) =>
        backend.LinearForward(Rows(activations[layer].PostNormed), weights[layer].GateUp, default, Rows(activations[layer].GateUp));

    /// <summary>Only the rows that predict a target go through the head, and what fills them up.</summary>
    private void Loss(PreparedPass pass, TokenWeighting weighting, float gradientScale, bool backward)
    {
        var hidden = headHidden.SliceRows(0, batch.HeadRowCount);
        backend.GatherRows(finalNormed, batch.HeadRows, hidden);
        WeightByResponse(pass.Batch, weighting, hidden);
        backend.TokenLoss(new TokenLossArguments(
            hidden, head, batch.Targets, batch.StaticWeights, batch.IsStatic, batch.LogProbabilities, statistics,
            backward ? headHiddenGradient.SliceRows(0, batch.HeadRowCount) : default, backward ? headGradient : default, gradientScale, weighting, options.LossChunkRows)
        {
            Reference = Reference(pass, weighting),
            Entropies = backward ? default : batch.Entropies,
        });
    }

    /// <summary>The rows of this pass.</summary>
    private Matrix Rows(Matrix ofAllTokens) => ofAllTokens.SliceRows(0, batch.TokenCount);

    /// <summary>The rows of this pass.</summary>
    private Vector Rows(Vector ofAllTokens) => ofAllTokens.Slice(0, batch.TokenCount);

    /// <summary>A number for each head of this pass's rows.</summary>
    private Vector HeadRstd(Vector ofAllTokens, int heads) => ofAllTokens.Slice(0, (long)batch.TokenCount * heads);

    /// <summary>[heads, T].</summary>
    private Matrix LogSumExp(LayerActivations a) => a.LogSumExp.SliceColumns(0, batch.TokenCount);

    /// <summary>The columns of q, k and v.</summary>
    private (Matrix Query, Matrix Key, Matrix Value) Split(Matrix queryKeyValue)
    {
        var (query, keyValue) = (Configuration.QuerySize, Configuration.KeyValueSize);
        return (queryKeyValue.SliceColumns(0, query), queryKeyValue.SliceColumns(query, keyValue), queryKeyValue.SliceColumns(query + keyValue, keyValue));
    }

    /// <summary>The columns of q and k together, which turn alike.</summary>
    private Matrix QueryAndKey(Matrix ofAllTokens) => Rows(ofAllTokens).SliceColumns(0, Configuration.QuerySize + Configuration.KeyValueSize);

    /// <summary>Where q, k and v are that the attention reads: q and k beside their unnormed values where the model normalises them.</summary>
    private (Matrix Query, Matrix Key, Matrix Value) Heads(LayerActivations a)
    {
        var heads = Split(Rows(a.QueryKeyValue));
        if (!Configuration.QueryKeyNorm) return heads;
        var normed = Rows(a.NormedQueryKey);
        return (normed.SliceColumns(0, Configuration.QuerySize), normed.SliceColumns(Configuration.QuerySize, Configuration.KeyValueSize), heads.Value);
    }
}
