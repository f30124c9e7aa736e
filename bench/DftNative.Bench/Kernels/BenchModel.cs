using DftNative.Models;

namespace DftNative.Bench.Kernels;

/// <summary>A model whose shapes are measured.</summary>
/// <param name="Name">Its name in rows and on the command line.</param>
/// <param name="Configuration">Its published configuration.</param>
internal sealed record BenchModel(string Name, ModelConfiguration Configuration)
{
    /// <summary>
    /// A model for checks alone: few channels, odd where a shape may be odd, as many query heads a key/value head as the
    /// model has, two layers; a head dimension of 64, and of 128 where the groups are small.
    /// </summary>
    public BenchModel Reduced()
    {
        var groups = Configuration.HeadCount / Configuration.KeyValueHeadCount;
        return this with
        {
            Configuration = Configuration with
            {
                VocabularySize = (Configuration.VocabularySize / 256) | 1,
                HiddenSize = Configuration.HiddenSize / 8,
                IntermediateSize = Configuration.IntermediateSize / 256 * 8,
                LayerCount = 2,
                HeadCount = groups * 2,
                KeyValueHeadCount = 2,
                HeadDimension = groups > 4 ? 64 : 128,
            },
        };
    }
}
