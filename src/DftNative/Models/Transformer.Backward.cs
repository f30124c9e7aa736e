namespace DftNative.Models;

public sealed partial class Transformer
{
    /// <summary>
    /// The mirror of <see cref="Forward"/>, from the gradient that the loss head left. dResidual is the gradient of the
    /// residual stream, to which every block adds as it is passed.
    /// </summary>
    private void Backward()
    {
        var tokens = batch.TokenCount;
        var dResidual = residualGradient.SliceRows(0, tokens);
        var dNormed = normedGradient.SliceRows(0, tokens);
        backend.Zero(new Backends.Vector(dNormed.Buffer!, dNormed.Offset, (long)tokens * dNormed.RowStride));
        backend.ScatterRows(headHiddenGradient.SliceRows(0, batch.HeadRowCount), batch.HeadRows, dNormed);
        backend.ResidualRmsNormBackward(dNormed, finalResidual.SliceRows(0, tokens), finalNorm, finalRstd.Slice(0, tokens), dResidual, finalNormGradient, accumulate: false);

        for (var layer = activations.Length - 1; layer >= 0; layer--)
        {
            var (weight, gradient, a) = (weights[layer], gradients[layer], activations[layer]);
            var (gateUp, dActivated) = (a.GateUp.SliceRows(0, tokens), activatedGradient.SliceRows(0, tokens));
            backend.LinearBackward(dResidual, a.Activated.SliceRows(0, tokens), weight.Down, dActivated, gradient.Down, default);
            backend.SwiGluBackward(dActivated, gateUp, gateUp);
            backend.LinearBackward(gateUp, a.PostNormed.SliceRows(0, tokens), weight.GateUp, dNormed, gradient.GateUp, default);
            backend.ResidualRmsNormBackward(dNormed, a.PostResidual.SliceRows(0, tokens), weight.PostNorm, a.PostRstd.Slice(0, tokens), dResidual, gradient.PostNorm, accumulate: true);

            var (attended, dAttended) = (a.Attended.SliceRows(0, tokens), attendedGradient.SliceRows(0, tokens));
            backend.LinearBackward(dResidual, attended, weight.Output, dAttended, gradient.Output, gradient.OutputBias);
            var (query, key, value) = Heads(a, tokens);
            var dQueryKeyValue = queryKeyValueGradient.SliceRows(0, tokens);
            var (dQuery, dKey, dValue) = Split(dQueryKeyValue);
            backend.AttentionBackward(dAttended, query, key, value, attended, a.LogSumExp.SliceColumns(0, tokens), dQuery, dKey, dValue, batch.Ranges, attentionShape);
            backend.RotaryEmbedding(dQuery, batch.Positions, cosSin, Configuration.HeadDimension, inverse: true);
            backend.RotaryEmbedding(dKey, batch.Positions, cosSin, Configuration.HeadDimension, inverse: true);
            if (Configuration.QueryKeyNorm)
            {
                var (rawQuery, rawKey, _) = Split(a.QueryKeyValue.SliceRows(0, tokens));
                backend.HeadRmsNormBackward(dQuery, rawQuery, weight.QueryNorm, a.QueryRstd.Slice(0, (long)tokens * Configuration.HeadCount), dQuery, gradient.QueryNorm);
                backend.HeadRmsNormBackward(dKey, rawKey, weight.KeyNorm, a.KeyRstd.Slice(0, (long)tokens * Configuration.KeyValueHeadCount), dKey, gradient.KeyNorm);
            }

            backend.LinearBackward(dQueryKeyValue, a.Normed.SliceRows(0, tokens), weight.QueryKeyValue, dNormed, gradient.QueryKeyValue, gradient.QueryKeyValueBias);
            backend.ResidualRmsNormBackward(dNormed, a.Residual.SliceRows(0, tokens), weight.InputNorm, a.InputRstd.Slice(0, tokens), dResidual, gradient.InputNorm, accumulate: true);
        }

        backend.EmbeddingBackward(batch.DistinctTokens, batch.TokenRowStarts, batch.TokenRows, dResidual.SliceRows(0, batch.LiveTokenCount), embeddingGradient);
    }
}
