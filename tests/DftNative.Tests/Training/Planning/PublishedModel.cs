using DftNative.Checkpoints;
using DftNative.Models;
using DftNative.Tests.Tokenizers;
using DftNative.Training.Planning;

namespace DftNative.Tests.Training.Planning;

/// <summary>config.json files of published models, with the fields that decide the mathematics.</summary>
internal static class PublishedModel
{
    /// <summary>The models by name.</summary>
    public static readonly string[] Names = ["Qwen2.5-1.5B", "Qwen2.5-7B", "Llama-3.1-8B", "Qwen2.5-14B"];

    /// <summary>A directory with the model's config.json alone.</summary>
    public static string Directory(string name) => Path.Combine(Oracles.Root, "tests", "DftNative.Tests", "Fixtures", "models", name.ToLowerInvariant());

    public static ModelConfiguration Configuration(string name) => ModelTemplate.Read(Directory(name)).Configuration;

    /// <summary>The model with packed rows of up to so many tokens.</summary>
    public static PlanRequest Request(string name, int maxLength = 4096) => new(Configuration(name), Workload.OfFullRows(maxLength, 256, packing: true));
}
