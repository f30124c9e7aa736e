using DftNative.Models;

namespace DftNative.Bench.Kernels;

/// <summary>The models whose shapes are measured, from the config.json that each is published with.</summary>
internal static class BenchModels
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<BenchModel> All { get; } =
    [
        Qwen2("qwen2.5-1.5b", vocabulary: 151936, hidden: 1536, intermediate: 8960, heads: 12, keyValueHeads: 2, tied: true),
        Qwen2("qwen2.5-7b", vocabulary: 152064, hidden: 3584, intermediate: 18944, heads: 28, keyValueHeads: 4, tied: false),
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

    private static BenchModel Qwen2(string name, int vocabulary, int hidden, int intermediate, int heads, int keyValueHeads, bool tied) =>
        new(name, new ModelConfiguration
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
        });
}
