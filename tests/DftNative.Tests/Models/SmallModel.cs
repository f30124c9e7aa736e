using DftNative.Backends;
using DftNative.Data;
using DftNative.Models;

namespace DftNative.Tests.Models;

/// <summary>Small models with random parameters, and random rows for them.</summary>
internal static class SmallModel
{
    public static ModelConfiguration Configuration(ModelArchitecture architecture, bool tied = true, RotaryScaling? scaling = null) => new()
    {
        Architecture = architecture,
        VocabularySize = 61,
        HiddenSize = 40,
        IntermediateSize = 56,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeadCount = 2,
        HeadDimension = 14,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 10000,
        RopeScaling = scaling ?? new RotaryScaling.Default(),
        MaxPositionEmbeddings = 512,
        TieWordEmbeddings = tied,
        QueryKeyValueBias = architecture == ModelArchitecture.Qwen2,
        EosTokenIds = [2],
    };

    /// <summary>Parameters of a size that makes confident predictions, so that p and with it every weight varies.</summary>
    public static Dictionary<string, float[]> Parameters(ParameterLayout layout, int seed = 1)
    {
        var random = new Random(seed);
        return layout.Tensors.ToDictionary(tensor => tensor.Name, tensor =>
        {
            var values = new float[tensor.Length];
            var scale = tensor.Name.Contains("embed", StringComparison.Ordinal) ? 0.4 : 0.15;
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)((tensor.IsNormOrBias && !tensor.Name.EndsWith("bias", StringComparison.Ordinal) ? 1 : 0) + (scale * Gaussian(random)));
            return values;
        });
    }

    public static void Load(IBackend backend, Transformer transformer, Dictionary<string, float[]> parameters)
    {
        foreach (var tensor in transformer.Layout.Tensors)
            backend.Upload<float>(parameters[tensor.Name], transformer.Parameters.Slice(tensor.Offset, tensor.Length));
    }

    public static float[] Gradient(IBackend backend, Transformer transformer, ParameterTensor tensor)
    {
        var values = new float[tensor.Length];
        backend.Download(transformer.Gradients.Slice(tensor.Offset, tensor.Length), values.AsSpan());
        return values;
    }

    /// <summary>Rows of the given lengths: a prompt that is masked, a response that is trained, some token weights, an EOS at the end.</summary>
    public static TrainingRow[] Rows(int seed, params int[] lengths)
    {
        var random = new Random(seed);
        return [.. lengths.Select(length =>
        {
            var ids = Enumerable.Range(0, length).Select(_ => random.Next(3, 61)).ToArray();
            ids[^1] = 2;
            var prompt = random.Next(0, Math.Max(1, length / 2));
            var labels = ids.Select((id, i) => i < prompt ? TrainingRow.IgnoredLabel : id).ToArray();
            var weights = random.Next(2) == 0 ? null : ids.Select(_ => (float)random.NextDouble() * 2).ToArray();
            return new TrainingRow(ids, labels, weights);
        })];
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
