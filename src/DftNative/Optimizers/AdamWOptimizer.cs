using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Optimizers;

/// <summary>
/// AdamW over a transformer's parameter arena, clipped by the global norm. On a bf16 device it holds what completes the
/// weights to an exact fp32 master: an update smaller than bf16's step, as most are, is kept and not rounded away. Without
/// one, in <see cref="Precision.Tiny"/>, it is rounded up as often as its size asks.
/// </summary>
public sealed class AdamWOptimizer : IDisposable
{
    private readonly IBackend backend;
    private readonly Transformer transformer;
    private readonly AdamWOptions options;
    private readonly ulong seed;
    private readonly List<DeviceBuffer> buffers = [];
    private readonly Vector normAndClip;
    private readonly (long Start, long Length, float WeightDecay)[] ranges;

    /// <summary>Allocates the moments, zero, and the low bits of the master, for which <see cref="Weights"/> are to be loaded.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="transformer">A transformer made for training; not owned.</param>
    /// <param name="options">The constants.</param>
    /// <param name="excludeNormAndBias">Whether norm weights and biases are not decayed, as in Hugging Face's Trainer.</param>
    /// <param name="seed">Of the random numbers where a device rounds stochastically.</param>
    /// <param name="precision">What is kept of each parameter; the transformer's gradients are of its <see cref="PrecisionExtensions.StateType"/>.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the device does not have that precision.</exception>
    public AdamWOptimizer(
        IBackend backend, Transformer transformer, AdamWOptions options, bool excludeNormAndBias, long seed, Precision precision = Precision.Exact)
    {
        precision.Require(backend);
        if (transformer.Gradients.DataType != precision.StateType())
            throw new ArgumentException($"precision {precision.Name()} needs {precision.StateType()} gradients, and the transformer's are {transformer.Gradients.DataType}", nameof(transformer));
        (this.backend, this.transformer, this.options, this.seed) = (backend, transformer, options, (ulong)seed);
        var length = transformer.Layout.ArenaLength;
        try
        {
            Weights = backend.ComputeType == DataType.BFloat16 && precision.HasMaster()
                ? new MasterWeights(transformer.Parameters, Allocate(DataType.Int16, length, MemoryCategory.Master, "low bits of the master weights"))
                : new MasterWeights(transformer.Parameters);
            FirstMoment = Allocate(precision.StateType(), length, MemoryCategory.OptimizerState, "first moment");
            SecondMoment = Allocate(precision.StateType(), length, MemoryCategory.OptimizerState, "second moment");
            normAndClip = Allocate(DataType.Float32, 2, MemoryCategory.Workspace, "gradient norm");
        }
        catch
        {
            Dispose();
            throw;
        }

        ranges = excludeNormAndBias ? RangesByDecay(transformer.Layout, options.WeightDecay) : [(0, length, options.WeightDecay)];
    }

    /// <summary>[Layout.ArenaLength]: what is updated, to load from and to save.</summary>
    public MasterWeights Weights { get; }

    /// <summary>m: [Layout.ArenaLength] fp32 or bf16.</summary>
    public Vector FirstMoment { get; }

    /// <summary>v: [Layout.ArenaLength] fp32 or bf16.</summary>
    public Vector SecondMoment { get; }

    /// <summary>
    /// Clips and updates. Where the norm, or the loss in <see cref="Transformer.StepStatistics"/>, is not finite, nothing
    /// changes; the norm there (or <see cref="ReadGradientNorm"/>) tells.
    /// </summary>
    /// <param name="step">The optimizer step, from 1.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="maxGradientNorm">The norm to clip to; 0: no clipping.</param>
    public void Step(int step, float learningRate, float maxGradientNorm)
    {
        backend.GradientNorm(transformer.Gradients, maxGradientNorm, normAndClip, transformer.StepStatistics);
        foreach (var (start, length, weightDecay) in ranges)
        {
            backend.AdamWStep(new AdamWArguments(
                Weights.Weights.Slice(start, length), Weights.Low.IsEmpty ? default : Weights.Low.Slice(start, length), transformer.Gradients.Slice(start, length),
                FirstMoment.Slice(start, length), SecondMoment.Slice(start, length), normAndClip,
                step, learningRate, options.Beta1, options.Beta2, options.Epsilon, weightDecay, seed, start));
        }
    }

    /// <summary>The last step's global norm before clipping; waits for the device.</summary>
    public float ReadGradientNorm()
    {
        Span<float> values = stackalloc float[2];
        backend.Download(normAndClip, values);
        return values[0];
    }

    /// <summary>The norm of all weights, not finite where one of them is not (or is beyond 1e19); waits for the device. The gradient norm is forgotten.</summary>
    public float ReadWeightNorm()
    {
        backend.GradientNorm(Weights.Weights, maxNorm: 0, normAndClip);
        return ReadGradientNorm();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }

    private Vector Allocate(DataType dataType, long length, MemoryCategory category, string name)
    {
        var buffer = backend.Allocate(dataType, length, category, name);
        buffers.Add(buffer);
        return buffer.AsVector();
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
