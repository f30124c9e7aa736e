using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Reference;
using DftNative.Training;

namespace DftNative.Evaluation;

/// <summary>
/// Compares a device's forward and backward with the fp64 reference, on a model and rows of the user's. The reference has
/// the device's weights, rounded where the device rounds them: what is compared is the computation.
/// </summary>
public sealed class GradientCheck : IDisposable
{
    private const int ChunkLength = 1 << 20;

    private readonly IBackend backend;
    private readonly ModelDirectory model;
    private readonly IReadOnlyList<TrainingRow> rows;
    private readonly TrainingOptions options;
    private readonly Transformer transformer;
    private readonly ModelDirectory reference;
    private readonly FrozenReference? frozen;

    /// <summary>Loads the model onto the device.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="model">The model; not owned.</param>
    /// <param name="rows">The rows of one optimizer step.</param>
    /// <param name="options">The loss, max_length, packing, micro_batch_tokens, recompute, loss_chunk_rows, precision and seed; the rest is not read.</param>
    /// <param name="referenceModel">asft's frozen model; null: <paramref name="model"/>. Not owned.</param>
    /// <exception cref="DftNativeException">The rows do not fit the model or the micro-batch, or the device does not have the loss.</exception>
    public GradientCheck(
        IBackend backend, ModelDirectory model, IReadOnlyList<TrainingRow> rows, TrainingOptions options, ModelDirectory? referenceModel = null)
    {
        LossSupport.Require(backend, options.TokenLoss);
        this.rows = CheckedRows.Create(rows, model.Configuration.VocabularySize, model.Configuration.MaxPositionEmbeddings, options.MaxLength, "data").Rows;
        (this.backend, this.model, this.options) = (backend, model, options);
        var tokens = MicroBatchPlanner.Choose(options.MicroBatchTokens, options.Packing, this.rows.Count, this.rows);
        transformer = new Transformer(backend, model.Configuration, options.ForTransformer(tokens));
        reference = referenceModel ?? model;
        try
        {
            model.Load(backend, transformer.Layout, transformer.Parameters);
            frozen = FrozenReference.Attach(backend, transformer, reference, options.TokenLoss);
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <summary>Runs both and compares.</summary>
    public GradientCheckResult Run()
    {
        var logProbabilities = RunDevice();
        var statistics = transformer.ReadStatistics();
        var expected = Reference(model).Run(rows, Loss(), frozen is null ? null : Reference(reference));
        return new GradientCheckResult(
            [.. transformer.Layout.Tensors.Select(tensor => Compare(tensor, expected.Gradients[tensor.Name]))],
            logProbabilities,
            LargestDifference(logProbabilities, expected.LogProbabilities),
            statistics.Loss, expected.Loss, statistics.NegativeLogLikelihood, expected.NegativeLogLikelihood);
    }

    /// <summary>Writes the device's gradients as <c>grad.NAME</c> and its <c>token.log_prob</c>, fp32, with loss, nll and tokens as metadata.</summary>
    /// <param name="path">A safetensors file; replaced if it exists.</param>
    /// <param name="result">What <see cref="Run"/> gave.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.CannotWrite"/>.</exception>
    public void Dump(string path, GradientCheckResult result)
    {
        const string Prefix = "grad.", LogProbability = "token.log_prob";
        var entries = transformer.Layout.Tensors
            .Select(tensor => new SafetensorsEntry(Prefix + tensor.Name, SafetensorsDataType.F32, [.. tensor.Shape]))
            .Append(new SafetensorsEntry(LogProbability, SafetensorsDataType.F32, [result.LogProbabilities.Length]))
            .ToList();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["loss"] = FormattableString.Invariant($"{result.Loss:R}"),
            ["nll"] = FormattableString.Invariant($"{result.NegativeLogLikelihood:R}"),
            ["tokens"] = FormattableString.Invariant($"{result.LogProbabilities.Length}"),
        };
        var readGradient = ParameterTransfer.Reader(backend, transformer.Layout, transformer.Gradients);
        SafetensorsWriter.Write(path, entries, metadata, (name, start, destination) =>
        {
            if (name == LogProbability) result.LogProbabilities.AsSpan((int)start, destination.Length).CopyTo(destination);
            else readGradient(name[Prefix.Length..], start, destination);
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        frozen?.Dispose();
        transformer.Dispose();
    }

    private ReferenceTransformer Reference(ModelDirectory source) => new(source.Configuration, source.ReadAsDouble(backend.ComputeType));

    private ReferenceLoss Loss() => ReferenceLoss.Of(options.TokenLoss, model.Configuration);

    /// <summary>All rows as one optimizer step.</summary>
    /// <returns>[targets] log p in the order of the rows, whatever the order of the passes.</returns>
    private float[] RunDevice()
    {
        var targetCounts = rows.Select(row => row.CountTargets()).ToArray();
        var targetStarts = new int[rows.Count];
        for (var row = 1; row < rows.Count; row++) targetStarts[row] = targetStarts[row - 1] + targetCounts[row - 1];
        var logProbabilities = new float[targetCounts.Sum()];
        var loss = options.TokenLoss;
        transformer.ZeroGradients();
        transformer.ResetStatistics();
        foreach (var pass in RowPacking.Pack([.. rows.Select(row => row.InputIds.Length)], transformer.MaxTokens, options.Packing))
        {
            var batch = new MicroBatch([.. pass.Select(row => rows[row])], loss, model.Configuration.EosTokenIds);
            transformer.ForwardBackward(batch, loss.Weighting, 1f / logProbabilities.Length);
            var ofPass = new float[batch.TargetCount];
            if (ofPass.Length > 0) transformer.ReadLogProbabilities(ofPass);
            var start = 0;
            foreach (var row in pass)
            {
                ofPass.AsSpan(start, targetCounts[row]).CopyTo(logProbabilities.AsSpan(targetStarts[row]));
                start += targetCounts[row];
            }
        }

        return logProbabilities;
    }

    private ParameterError Compare(ParameterTensor tensor, double[] reference)
    {
        var read = ParameterTransfer.Reader(backend, transformer.Layout, transformer.Gradients);
        var gradient = new float[tensor.Length];
        for (var start = 0; start < gradient.Length; start += ChunkLength)
            read(tensor.Name, start, gradient.AsSpan(start, Math.Min(ChunkLength, gradient.Length - start)));
        var norm = Math.Sqrt(reference.Sum(value => value * value));
        var error = RelativeError.Of(reference, gradient);
        return new ParameterError(tensor.Name, norm, norm is > 0 and < GradientCheckResult.Smallest ? error * norm / GradientCheckResult.Smallest : error);
    }

    private static double LargestDifference(float[] values, double[] reference)
    {
        var largest = 0.0;
        for (var i = 0; i < values.Length; i++) largest = Math.Max(largest, Math.Abs(values[i] - reference[i]));
        return largest;
    }
}
