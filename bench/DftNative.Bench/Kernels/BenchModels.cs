using DftNative.Models;

namespace DftNative.Bench.Kernels;

/// <summary>The models whose shapes are measured.</summary>
internal static class BenchModels
{
    /// <summary>For GPUs, from the config.json that each is published with.</summary>
    public static IReadOnlyList<BenchModel> All { get; } =
    [
        new BenchModel("qwen2.5-1.5b", Qwen2(vocabulary: 151936, hidden: 1536, intermediate: 8960, heads: 12, keyValueHeads: 2, tied: true)),
        new BenchModel("qwen2.5-7b", Qwen2(vocabulary: 152064, hidden: 3584, intermediate: 18944, heads: 28, keyValueHeads: 4, tied: false)),
        new BenchModel("llama-3.1-8b", new ModelConfiguration
        {
            Architecture = ModelArchitecture.Llama,
            VocabularySize = 128256,
            HiddenSize = 4096,
            IntermediateSize = 14336,
            LayerCount = 32,
            HeadCount = 32,
            KeyValueHeadCount = 8,
            HeadDimension = 128,
            RmsNormEpsilon = 1e-5f,
            RopeTheta = 500000,
            MaxPositionEmbeddings = 131072,
            TieWordEmbeddings = false,
        }),
    ];

    /// <summary>A small model for a CPU: 8 layers, heads of 64.</summary>
    public static ModelConfiguration Small(int vocabulary, int hidden, int intermediate, int heads, int keyValueHeads) =>
        Qwen2(vocabulary, hidden, intermediate, heads, keyValueHeads, tied: true) with
        {
            LayerCount = 8,
            HeadDimension = 64,
            RopeTheta = 10000,
            MaxPositionEmbeddings = 2048,
        };

    private static ModelConfiguration Qwen2(int vocabulary, int hidden, int intermediate, int heads, int keyValueHeads, bool tied) => new()
    {
        Architecture = ModelArchitecture.Qwen2,
        VocabularySize = vocabulary,
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        LayerCount = 28,
        HeadCount = heads,
        KeyValueHeadCount = keyValueHeads,
        HeadDimension = 128,
        RmsNormEpsilon = 1e-6f,
        RopeTheta = 1e6,
        MaxPositionEmbeddings = 131072,
        TieWordEmbeddings = tied,
        QueryKeyValueBias = true,
    };
}
