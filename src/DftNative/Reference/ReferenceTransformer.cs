using DftNative.Data;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Reference;

/// <summary>
/// A decoder-only transformer in fp64, forward and backward, as plain as it can be written: the measure of every
/// backend, with which it shares no code. Each row is run by itself, so it also says what packing must equal. Results are
/// bitwise the same in every run on one machine.
/// </summary>
public sealed class ReferenceTransformer
{
    /// <summary>Targets whose logits exist at one time, so that a large vocabulary fits into memory.</summary>
    private const int TargetsPerChunk = 128;

    private readonly ModelConfiguration configuration;
    private readonly IReadOnlyDictionary<string, double[]> values;

    /// <summary>Takes a model.</summary>
    /// <param name="configuration">The model.</param>
    /// <param name="parameters">
    /// Every parameter of the configuration by its Hugging Face name, row-major in the checkpoint's shape ([out, in] for a
    /// projection); not copied, and read again at each run.
    /// </param>
    /// <exception cref="ArgumentException">A parameter is missing, has the wrong length, or is not the model's.</exception>
    public ReferenceTransformer(ModelConfiguration configuration, IReadOnlyDictionary<string, double[]> parameters)
    {
        (this.configuration, values) = (configuration, parameters);
        var lengths = ParameterLengths(configuration);
        foreach (var (name, length) in lengths)
        {
            if (!parameters.TryGetValue(name, out var parameter))
                throw new ArgumentException($"The model's parameter {name} is not given.", nameof(parameters));
            if (parameter.Length != length)
                throw new ArgumentException($"{name} has {parameter.Length} elements, the configuration asks for {length}.", nameof(parameters));
        }

        if (parameters.Keys.FirstOrDefault(name => !lengths.ContainsKey(name)) is { } extra)
            throw new ArgumentException($"The configuration has no parameter {extra}.", nameof(parameters));
    }

    private string HeadName => configuration.TieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";

    /// <summary>Forward and backward of all rows as one optimizer step.</summary>
    /// <param name="rows">The rows; the label of token t is learnt from the tokens before t, so a row's first label is never a target.</param>
    /// <param name="loss">The loss of a target.</param>
    /// <param name="frozen">The model that asft keeps this one near.</param>
    /// <exception cref="ArgumentOutOfRangeException">A token or label is outside the vocabulary.</exception>
    public ReferenceResult Run(IReadOnlyList<TrainingRow> rows, ReferenceLoss loss, ReferenceTransformer? frozen = null)
    {
        var parameters = new ReferenceParameters(values);
        var layers = CreateLayers(parameters);
        var logProbabilities = new List<double>();
        var weights = new List<double>();
        var penalties = new List<double>();
        var correctCount = 0;
        var normalizer = rows.Sum(row => TargetPlaces(row).Length);
        foreach (var row in rows)
        {
            var places = TargetPlaces(row);
            if (places.Length == 0) continue;
            var lastOutput = ForwardLayers(row.InputIds, layers);
            var hidden = parameters.RmsNorm("model.norm", lastOutput, configuration.RmsNormEpsilon);
            var hiddenGradient = new double[hidden.Length];
            var frozenHidden = frozen?.FinalHidden(row.InputIds);
            double? response = loss.Granularity == DftGranularity.Token ? null : ResponseLogProbability(row, places, hidden, loss.Granularity);
            foreach (var chunk in places.Chunk(TargetsPerChunk))
            {
                var head = HeadBackward(
                    chunk, hidden, hiddenGradient, parameters,
                    logits => ReferenceTokenLoss.Run(
                        logits, [.. chunk.Select(t => row.Labels[t])], [.. chunk.Select(t => (double)(row.TokenWeights?[t] ?? 1))], loss, normalizer,
                        frozenHidden is null ? null : frozen!.TargetLogits(frozenHidden, chunk), response));
                logProbabilities.AddRange(head.LogProbabilities);
                weights.AddRange(head.Weights);
                penalties.AddRange(head.Penalties);
                correctCount += head.IsCorrect.Count(isCorrect => isCorrect);
            }

            var gradient = parameters.RmsNormBackward("model.norm", hiddenGradient, lastOutput, configuration.RmsNormEpsilon);
            foreach (var layer in Enumerable.Reverse(layers)) gradient = layer.Backward(gradient);
            var table = parameters.Gradients["model.embed_tokens.weight"];
            for (var t = 0; t < row.InputIds.Length; t++) ReferenceMath.AddScaled(1, Row(gradient, t), Row(table, row.InputIds[t]));
        }

        return new ReferenceResult([.. logProbabilities], [.. weights], [.. penalties], correctCount, parameters.Gradients);
    }

    /// <summary>Logits of every token of one document.</summary>
    /// <param name="inputIds">[tokens].</param>
    /// <returns>[tokens, vocabulary]; row t scores the token that follows token t.</returns>
    public double[] Logits(int[] inputIds) => ReferenceLinear.Forward(FinalHidden(inputIds), values[HeadName], null, configuration.HiddenSize);

    /// <summary>Places in a row whose labels are targets.</summary>
    private static int[] TargetPlaces(TrainingRow row) =>
        [.. Enumerable.Range(0, row.Labels.Length).Where(t => t > 0 && row.Labels[t] != TrainingRow.IgnoredLabel)];

    private static Dictionary<string, int> ParameterLengths(ModelConfiguration configuration)
    {
        int hidden = configuration.HiddenSize, intermediate = configuration.IntermediateSize, vocabulary = configuration.VocabularySize;
        int querySize = configuration.HeadCount * configuration.HeadDimension, keyValueSize = configuration.KeyValueHeadCount * configuration.HeadDimension;
        var lengths = new Dictionary<string, int>(StringComparer.Ordinal)
        {
            ["model.embed_tokens.weight"] = vocabulary * hidden,
            ["model.norm.weight"] = hidden,
        };
        if (!configuration.TieWordEmbeddings) lengths["lm_head.weight"] = vocabulary * hidden;
        for (var layer = 0; layer < configuration.LayerCount; layer++)
        {
            string prefix = $"model.layers.{layer}.", attention = prefix + "self_attn.", mlp = prefix + "mlp.";
            lengths[prefix + "input_layernorm.weight"] = lengths[prefix + "post_attention_layernorm.weight"] = hidden;
            foreach (var (name, size) in new[] { ("q", querySize), ("k", keyValueSize), ("v", keyValueSize) })
            {
                lengths[$"{attention}{name}_proj.weight"] = size * hidden;
                if (configuration.QueryKeyValueBias) lengths[$"{attention}{name}_proj.bias"] = size;
                if (configuration.QueryKeyNorm && name != "v") lengths[$"{attention}{name}_norm.weight"] = configuration.HeadDimension;
            }

            lengths[attention + "o_proj.weight"] = hidden * querySize;
            if (configuration.AttentionOutputBias) lengths[attention + "o_proj.bias"] = hidden;
            lengths[mlp + "gate_proj.weight"] = lengths[mlp + "up_proj.weight"] = lengths[mlp + "down_proj.weight"] = intermediate * hidden;
        }

        return lengths;
    }

    private ReferenceDecoderLayer[] CreateLayers(ReferenceParameters parameters) =>
        [.. Enumerable.Range(0, configuration.LayerCount).Select(index => new ReferenceDecoderLayer(configuration, index, parameters))];

    private double[] ForwardLayers(int[] inputIds, ReferenceDecoderLayer[] layers)
    {
        var x = new double[inputIds.Length * configuration.HiddenSize];
        for (var t = 0; t < inputIds.Length; t++) Row(values["model.embed_tokens.weight"], inputIds[t]).CopyTo(Row(x, t));
        foreach (var layer in layers) x = layer.Forward(x);
        return x;
    }

    /// <summary>[tokens, hidden] what the head takes.</summary>
    private double[] FinalHidden(int[] inputIds)
    {
        var parameters = new ReferenceParameters(values);
        return parameters.RmsNorm("model.norm", ForwardLayers(inputIds, CreateLayers(parameters)), configuration.RmsNormEpsilon);
    }

    /// <summary>[places, hidden] the hidden state before each place: it predicts the target there.</summary>
    private double[] HeadInput(double[] hidden, int[] places)
    {
        var input = new double[places.Length * configuration.HiddenSize];
        for (var i = 0; i < places.Length; i++) Row(hidden, places[i] - 1).CopyTo(Row(input, i));
        return input;
    }

    private double[] TargetLogits(double[] hidden, int[] places) =>
        ReferenceLinear.Forward(HeadInput(hidden, places), values[HeadName], null, configuration.HiddenSize);

    /// <summary>Σ log p over all targets of a row, or its mean.</summary>
    private double ResponseLogProbability(TrainingRow row, int[] places, double[] hidden, DftGranularity granularity)
    {
        var sum = 0.0;
        foreach (var chunk in places.Chunk(TargetsPerChunk))
        {
            var plain = new ReferenceLoss { Type = LossType.Sft };
            sum += ReferenceTokenLoss.Run(TargetLogits(hidden, chunk), [.. chunk.Select(t => row.Labels[t])], new double[chunk.Length], plain, 1).LogProbabilities.Sum();
        }

        return granularity == DftGranularity.Geometric ? sum / places.Length : sum;
    }

    /// <summary>The LM head and the loss of some targets.</summary>
    private ReferenceTokenLossResult HeadBackward(
        int[] places, double[] hidden, double[] hiddenGradient, ReferenceParameters parameters, Func<double[], ReferenceTokenLossResult> loss)
    {
        var input = HeadInput(hidden, places);
        var result = loss(ReferenceLinear.Forward(input, values[HeadName], null, configuration.HiddenSize));
        var inputGradient = ReferenceLinear.Backward(
            result.LogitGradients, input, values[HeadName], configuration.HiddenSize, parameters.Gradients[HeadName], null);
        for (var i = 0; i < places.Length; i++) Row(inputGradient, i).CopyTo(Row(hiddenGradient, places[i] - 1));
        return result;
    }

    private Span<double> Row(double[] matrix, int row) => matrix.AsSpan(row * configuration.HiddenSize, configuration.HiddenSize);
}
