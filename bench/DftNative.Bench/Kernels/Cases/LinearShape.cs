using DftNative.Models;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A projection of a layer.</summary>
/// <param name="Name">Its name in rows.</param>
/// <param name="Inputs">Columns of its input.</param>
/// <param name="Outputs">Columns of its output.</param>
/// <param name="HasBias">Whether it has a bias.</param>
internal sealed record LinearShape(string Name, int Inputs, int Outputs, bool HasBias)
{
    /// <summary>The projections of a model's layer, joined as the transformer joins them.</summary>
    public static LinearShape[] Of(ModelConfiguration model) =>
    [
        new("qkv", model.HiddenSize, model.QuerySize + (2 * model.KeyValueSize), model.QueryKeyValueBias),
        new("o", model.QuerySize, model.HiddenSize, HasBias: false),
        new("gate_up", model.HiddenSize, 2 * model.IntermediateSize, HasBias: false),
        new("down", model.IntermediateSize, model.HiddenSize, HasBias: false),
    ];
}
