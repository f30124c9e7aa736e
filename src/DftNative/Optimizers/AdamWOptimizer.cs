using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Optimizers;

/// <summary>AdamW over a transformer's parameter arena, clipped by the global norm.</summary>
public sealed class AdamWOptimizer : IDisposable
{
    private readonly IBackend backend;
    private readonly Transformer transformer;
    private readonly AdamWOptions options;
    private readonly DeviceBuffer firstMoment;
    private readonly DeviceBuffer secondMoment;
    private readonly DeviceBuffer normAndClip;
    private readonly (long Start, long Length, float WeightDecay)[] ranges;

    /// <summary>Allocates the moments, zero.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">A transformer made for training; not owned.</param>
    /// <param name="options">The constants.</param>
    /// <param name="excludeNormAndBias">Whether norm weights and biases are not decayed, as in Hugging Face's Trainer.</param>
    public AdamWOptimizer(IBackend backend, Transformer transformer, AdamWOptions options, bool excludeNormAndBias)
    {
        (this.backend, this.transformer, this.options) = (backend, transformer, options);
        var length = transformer.Layout.ArenaLength;
        firstMoment = backend.Allocate(DataType.Float32, length, MemoryCategory.OptimizerState, "first moment");
        secondMoment = backend.Allocate(DataType.Float32, length, MemoryCategory.OptimizerState, "second moment");
        normAndClip = backend.Allocate(DataType.Float32, 2, MemoryCategory.Workspace, "gradient norm");
        ranges = excludeNormAndBias ? RangesByDecay(transformer.Layout, options.WeightDecay) : [(0, length, options.WeightDecay)];
    }

    /// <summary>m: [Layout.ArenaLength] fp32.</summary>
    public Vector FirstMoment => firstMoment.AsVector();

    /// <summary>v: [Layout.ArenaLength] fp32.</summary>
    public Vector SecondMoment => secondMoment.AsVector();

    /// <summary>Clips and updates; where the norm is not finite, nothing changes (see <see cref="ReadGradientNorm"/>).</summary>
    /// <param name="step">The optimizer step, from 1.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="maxGradientNorm">The norm to clip to; 0: no clipping.</param>
    public void Step(int step, float learningRate, float maxGradientNorm)
    {
        backend.GradientNorm(transformer.Gradients, maxGradientNorm, normAndClip.AsVector());
        foreach (var (start, length, weightDecay) in ranges)
        {
            backend.AdamWStep(new AdamWArguments(
                transformer.Parameters.Slice(start, length), default, transformer.Gradients.Slice(start, length),
                FirstMoment.Slice(start, length), SecondMoment.Slice(start, length), normAndClip.AsVector(),
                step, learningRate, options.Beta1, options.Beta2, options.Epsilon, weightDecay, Seed: 0, start));
        }
    }

    /// <summary>The last step's global norm before clipping; waits for the device.</summary>
    public float ReadGradientNorm()
    {
        Span<float> values = stackalloc float[2];
        backend.Download(normAndClip.AsVector(), values);
        return values[0];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        firstMoment.Dispose();
        secondMoment.Dispose();
        normAndClip.Dispose();
    }

    private static (long Start, long Length, float WeightDecay)[] RangesByDecay(ParameterLayout layout, float weightDecay)
    {
        var ranges = new List<(long Start, long Length, float WeightDecay)>();
        foreach (var tensor in layout.Tensors)
        {
            var decay = tensor.IsNormOrBias ? 0 : weightDecay;
            if (ranges.Count > 0 && ranges[^1].WeightDecay == decay)
                ranges[^1] = ranges[^1] with { Length = tensor.Offset + tensor.Length - ranges[^1].Start };
            else
                ranges.Add((tensor.Offset, tensor.Length, decay));
        }

        return [.. ranges];
    }
}
