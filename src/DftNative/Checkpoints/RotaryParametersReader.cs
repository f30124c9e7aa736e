using System.Text.Json;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// Reads RoPE's base and scaling: <c>rope_theta</c> and <c>rope_scaling</c> (transformers 4), <c>rope_parameters</c>
/// (transformers 5), or both where they agree.
/// </summary>
internal static class RotaryParametersReader
{
    private const double MaxNumber = 1e15;

    /// <summary>Reads RoPE's parameters from the root of a config.json.</summary>
    public static (double Theta, RotaryScaling Scaling) Read(ConfigurationFields fields)
    {
        var theta = fields.OptionalDouble("rope_theta", 1, MaxNumber);
        var older = fields.OptionalObject("rope_scaling");
        var newer = fields.OptionalObject("rope_parameters");
        foreach (var nested in new[] { older, newer }.OfType<ConfigurationFields>())
        {
            if (nested.OptionalDouble("rope_theta", 1, MaxNumber) is not { } nestedTheta) continue;
            if (theta is not null && theta != nestedTheta) throw fields.Bad($"rope_theta is given as {theta} and as {nestedTheta}: remove the wrong one");
            theta = nestedTheta;
        }

        if (theta is null)
            throw fields.Bad("rope_theta is missing (also in rope_parameters): write the base that the model was trained with, 10000 if it is an early Llama");
        var olderScaling = older is null ? null : ReadScaling(fields, older);
        var newerScaling = newer is null ? null : ReadScaling(fields, newer);
        if (olderScaling is not null && newerScaling is not null && olderScaling != newerScaling)
            throw fields.Bad("rope_scaling and rope_parameters are both given and differ: remove the wrong one");
        return (theta.Value, newerScaling ?? olderScaling ?? new RotaryScaling.Default());
    }

    private static RotaryScaling ReadScaling(ConfigurationFields root, ConfigurationFields fields)
    {
        var type = fields.OptionalString("rope_type");
        var olderType = fields.OptionalString("type");
        if (type is not null && olderType is not null && type != olderType)
            throw fields.Bad($"rope_type is \"{type}\" and type is \"{olderType}\": remove the wrong one");
        type ??= olderType ?? "default";
        RotaryScaling scaling = type switch
        {
            "default" => new RotaryScaling.Default(),
            "linear" => new RotaryScaling.Linear(Required(fields, "factor", 1)),
            "llama3" => new RotaryScaling.Llama3(
                Required(fields, "factor", 1), Required(fields, "low_freq_factor", 1e-6), Required(fields, "high_freq_factor", 1e-6),
                fields.OptionalInt32("original_max_position_embeddings", 1, int.MaxValue)
                    ?? root.RequiredInt32("original_max_position_embeddings", 1, int.MaxValue)),
            _ => throw fields.Bad($"RoPE of type \"{type}\" is not supported; supported are default, linear and llama3"),
        };
        if (scaling is RotaryScaling.Llama3 llama && llama.LowFrequencyFactor >= llama.HighFrequencyFactor)
            throw fields.Bad("low_freq_factor is not below high_freq_factor");
        CheckOtherFields(fields, type);
        return scaling;
    }

    private static double Required(ConfigurationFields fields, string name, double min) =>
        fields.OptionalDouble(name, min, MaxNumber) ?? throw fields.Bad($"{name} is missing");

    private static void CheckOtherFields(ConfigurationFields fields, string type)
    {
        foreach (var property in fields.Element.EnumerateObject())
        {
            var isKnown = property.Name is "rope_theta" or "rope_type" or "type"
                || type != "default" && property.Name == "factor"
                || type == "llama3" && property.Name is "low_freq_factor" or "high_freq_factor"
                || property.Name == "original_max_position_embeddings"
                || property.Name == "partial_rotary_factor" && property.Value.ValueKind == JsonValueKind.Number
                    && property.Value.TryGetDouble(out var factor) && factor == 1;
            if (!isKnown && property.Value.ValueKind != JsonValueKind.Null)
            {
                throw fields.Bad($"{property.Name} is {ConfigurationFields.Shorten(property.Value)}: "
                    + $"it is not understood with RoPE of type \"{type}\", and may change the model's mathematics");
            }
        }
    }
}
