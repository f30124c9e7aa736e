using DftNative.Models;

namespace DftNative.Training;

/// <summary>
/// The floating-point operations that a step's mathematics asks for, whatever a device does in fact: a product of matrices
/// counts 2 a multiply-add forward and 4 backward; attention counts the visible half of its square; only rows with a target
/// count in the LM head. Padding, recomputation and elementwise work count nothing.
/// </summary>
internal static class ModelFlops
{
    private const double ForwardAndBackward = 6;

    /// <summary>Forward and backward of the passes.</summary>
    public static double OfTraining(ModelConfiguration configuration, IReadOnlyList<MicroBatch> passes)
    {
        double hidden = configuration.HiddenSize, query = configuration.QuerySize, keyValue = configuration.KeyValueSize;
        var layerWeights = (hidden * (query + (2 * keyValue))) + (query * hidden) + (3 * hidden * configuration.IntermediateSize);
        double flops = 0;
        foreach (var pass in passes)
        {
            // q·kᵀ and P·v: two products of [L, L] with every channel of the query heads, of which half is visible.
            double visiblePairs = 0;
            for (var document = 0; document + 1 < pass.DocumentStarts.Length; document++)
            {
                double length = pass.DocumentStarts[document + 1] - pass.DocumentStarts[document];
                visiblePairs += length * (length + 1) / 2;
            }

            flops += ForwardAndBackward * configuration.LayerCount * ((layerWeights * pass.TokenCount) + (2 * query * visiblePairs));
            flops += ForwardAndBackward * hidden * configuration.VocabularySize * pass.TargetCount;
        }

        return flops;
    }
}
