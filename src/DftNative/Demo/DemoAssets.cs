using System.Reflection;

namespace DftNative.Demo;

/// <summary>The demo's base model, a Hugging Face directory kept in the assembly.</summary>
public static class DemoAssets
{
    private const string ResourcePrefix = "DftNative.Demo.Assets.";
    private const string WeightsFileName = "model.safetensors";

    /// <summary>Writes the base model's directory.</summary>
    /// <param name="directory">Where to; made if it does not exist.</param>
    public static void Extract(string directory) => Extract(directory, includeWeights: true);

    /// <summary>Writes everything but the weights: what pretraining begins with.</summary>
    internal static void ExtractWithoutWeights(string directory) => Extract(directory, includeWeights: false);

    private static void Extract(string directory, bool includeWeights)
    {
        Directory.CreateDirectory(directory);
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            if (!resource.StartsWith(ResourcePrefix, StringComparison.Ordinal)) continue;
            var fileName = resource[ResourcePrefix.Length..];
            if (fileName == WeightsFileName && !includeWeights) continue;
            using var source = assembly.GetManifestResourceStream(resource)!;
            using var target = File.Create(Path.Combine(directory, fileName));
            source.CopyTo(target);
        }
    }
}
