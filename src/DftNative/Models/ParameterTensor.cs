namespace DftNative.Models;

/// <summary>A parameter: its Hugging Face name and its place in the arena.</summary>
/// <param name="Name">The name in a checkpoint, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Shape">[rows, columns] or [length], as in the checkpoint.</param>
/// <param name="Offset">The first element's index in the arena.</param>
public sealed record ParameterTensor(string Name, int[] Shape, long Offset)
{
    /// <summary>The number of elements.</summary>
    public long Length { get; } = Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Whether it is a norm weight or a bias, which some recipes do not decay.</summary>
    public bool IsNormOrBias => Shape.Length == 1;
}
