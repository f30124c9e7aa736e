using DftNative.Backends;

namespace DftNative.Models;

public sealed partial class Transformer
{
    /// <summary>
    /// The mirror of <see cref="Forward"/>, from the gradient that the loss head left. dResidual is the gradient of the
    /// residual stream, to which every half of a layer adds as it is passed.
    /// </summary>
    private void Backward()
    {
        var (dResidual, dNormed) = (Rows(residualGradient), Rows(normedGradient));
        backend.Zero(new Vector(dNormed.Buffer!, dNormed.Offset, (long)dNormed.Rows * dNormed.RowStride));
        backend.ScatterRows(headHiddenGradient.SliceRows(0, batch.LiveHeadRowCount), batch.LiveHeadRows, dNormed);
        backend.ResidualRmsNormBackward(dNormed, Rows(finalResidual), finalNorm, Rows(finalRstd), dResidual, finalNormGradient, accumulate: false);

        for (var layer = activations.Length - 1; layer >= 0; layer--)
        {
            var (weight, gradient, a) = (weights[layer], gradients[layer], activations[layer]);
            Recompute(layer);
            FeedForwardBackward(layer, dResidual, dNormed);
            backend.ResidualRmsNormBackward(dNormed, Rows(a.PostResidual), weight.PostNorm, Rows(a.PostRstd), dResidual, gradient.PostNorm, accumulate: true);
            AttentionBackward(layer, dResidual, dNormed);
            backend.ResidualRmsNormBackward(dNormed, Rows(a.Residual), weight.InputNorm, Rows(a.InputRstd), dResidual, gradient.InputNorm, accumulate: true);
        }

        backend.EmbeddingBackward(batch.DistinctTokens, batch.TokenRowStarts, batch.TokenRows, dResidual.SliceRows(0, batch.LiveTokenCount), embeddingGradient);
    }

    /// <summary>
    /// What a layer's backward reads and forward did not keep, by forward's own operations. The last layer's is still there:
    /// no other has written the shared memory since.
    /// </summary>
    private void Recompute(int layer)
    {
        if (options.Recompute == RecomputeLevel.None || layer == activations.Length - 1) return;
        var (weight, a, x) = (weights[layer], activations[layer], Rows(projected));
        backend.ResidualRmsNormForward(Rows(a.Residual), default, weight.InputNorm, default, Rows(a.Normed), Rows(a.InputRstd), Epsilon);
        if (options.Recompute == RecomputeLevel.Block)
        {
            AttentionForward(layer, cache: null, x);
            backend.ResidualRmsNormForward(x, Rows(a.Residual), weight.PostNorm, Rows(a.PostResidual), Rows(a.PostNormed), Rows(a.PostRstd), Epsilon);
        }
        else
        {
            backend.ResidualRmsNormForward(Rows(a.PostResidual), default, weight.PostNorm, default, Rows(a.PostNormed), Rows(a.PostRstd), Epsilon);
        }

        if (options.Recompute >= RecomputeLevel.FeedForward) GateUpForward(layer);
    }

    /// <summary>From dResidual to the gradient of the normed input. SwiGLU gives its output again where forward did not keep it.</summary>
    private void FeedForwardBackward(int layer, Matrix dResidual, Matrix dNormed)
    {
        var (weight, gradient, a) = (weights[layer], gradients[layer], activations[layer]);
        var (gateUp, activated, dActivated) = (Rows(a.GateUp), Rows(a.Activated), Rows(activatedGradient));
        backend.LinearInputGradient(dResidual, weight.Down, dActivated);
        backend.SwiGluBackward(dActivated, gateUp, gateUp, options.Recompute == RecomputeLevel.None ? default : activated);
        backend.LinearWeightGradient(dResidual, activated, gradient.Down, default);
        backend.LinearInputGradient(gateUp, weight.GateUp, dNormed);
        backend.LinearWeightGradient(gateUp, Rows(a.PostNormed), gradient.GateUp, default);
    }

    /// <summary>The mirror of <see cref="AttentionForward"/>, from dResidual to the gradient of the normed input.</summary>
    private void AttentionBackward(int layer, Matrix dResidual, Matrix dNormed)
    {
        var (weight, gradient, a) = (weights[layer], gradients[layer], activations[layer]);
        var (attended, dAttended) = (Rows(a.Attended), Rows(attendedGradient));
        backend.LinearInputGradient(dResidual, weight.Output, dAttended);
        backend.LinearWeightGradient(dResidual, attended, gradient.Output, gradient.OutputBias);
        var (query, key, value) = Heads(a);
        var dQueryKeyValue = Rows(queryKeyValueGradient);
        var (dQuery, dKey, dValue) = Split(dQueryKeyValue);
        backend.AttentionBackward(dAttended, query, key, value, attended, LogSumExp(a), dQuery, dKey, dValue, batch.Ranges, attentionShape);
        backend.RotaryEmbedding(QueryAndKey(queryKeyValueGradient), batch.Positions, cosSin, Configuration.HeadDimension, inverse: true);
        if (Configuration.QueryKeyNorm)
        {
            var (rawQuery, rawKey, _) = Split(Rows(a.QueryKeyValue));
            backend.HeadRmsNormBackward(dQuery, rawQuery, weight.QueryNorm, HeadRstd(a.QueryRstd, Configuration.HeadCount), dQuery, gradient.QueryNorm);
            backend.HeadRmsNormBackward(dKey, rawKey, weight.KeyNorm, HeadRstd(a.KeyRstd, Configuration.KeyValueHeadCount), dKey, gradient.KeyNorm);
        }

        backend.LinearInputGradient(dQueryKeyValue, weight.QueryKeyValue, dNormed);
        backend.LinearWeightGradient(dQueryKeyValue, Rows(a.Normed), gradient.QueryKeyValue, gradient.QueryKeyValueBias);
    }
}
