using DftNative.Models;

namespace DftNative.Reference;

/// <summary>One decoder layer over one document: forward keeps what backward, its mirror image, reads.</summary>
/// <param name="configuration">The model.</param>
/// <param name="index">The layer, from 0.</param>
/// <param name="parameters">The model's parameters and their gradients.</param>
internal sealed class ReferenceDecoderLayer(ModelConfiguration configuration, int index, ReferenceParameters parameters)
{
    private readonly string prefix = $"model.layers.{index}.";
    private readonly double[] frequencies = ReferenceRotaryEmbedding.Frequencies(
        configuration.HeadDimension, configuration.RopeTheta, configuration.RopeScaling);

    private double[] input = [], normed = [], query = [], key = [], rotatedQuery = [], rotatedKey = [], value = [], attended = [];
    private double[] middle = [], middleNormed = [], gate = [], up = [], activated = [];
    private int[] positions = [];

    private double Epsilon => configuration.RmsNormEpsilon;

    private double Scale => 1 / Math.Sqrt(configuration.HeadDimension);

    /// <summary>x + attention(norm(x)), then the same with the feed-forward layer.</summary>
    /// <param name="x">[tokens, hidden].</param>
    /// <returns>[tokens, hidden].</returns>
    public double[] Forward(double[] x)
    {
        input = x;
        positions = [.. Enumerable.Range(0, x.Length / configuration.HiddenSize)];
        normed = parameters.RmsNorm(prefix + "input_layernorm", input, Epsilon);
        query = parameters.Linear(prefix + "self_attn.q_proj", normed, configuration.HiddenSize);
        key = parameters.Linear(prefix + "self_attn.k_proj", normed, configuration.HiddenSize);
        value = parameters.Linear(prefix + "self_attn.v_proj", normed, configuration.HiddenSize);
        rotatedQuery = ReferenceRotaryEmbedding.Forward(HeadNorm("self_attn.q_norm", query), positions, frequencies);
        rotatedKey = ReferenceRotaryEmbedding.Forward(HeadNorm("self_attn.k_norm", key), positions, frequencies);
        (attended, _) = ReferenceAttention.Forward(
            rotatedQuery, rotatedKey, value, configuration.HeadCount, configuration.KeyValueHeadCount, configuration.HeadDimension, Scale);
        middle = ReferenceMath.Add(input, parameters.Linear(prefix + "self_attn.o_proj", attended, configuration.QuerySize));

        middleNormed = parameters.RmsNorm(prefix + "post_attention_layernorm", middle, Epsilon);
        gate = parameters.Linear(prefix + "mlp.gate_proj", middleNormed, configuration.HiddenSize);
        up = parameters.Linear(prefix + "mlp.up_proj", middleNormed, configuration.HiddenSize);
        activated = ReferenceSwiGlu.Forward(gate, up);
        return ReferenceMath.Add(middle, parameters.Linear(prefix + "mlp.down_proj", activated, configuration.IntermediateSize));
    }

    /// <summary>Adds to the layer's gradients for the document that forward saw last.</summary>
    /// <param name="outputGradient">[tokens, hidden].</param>
    /// <returns>[tokens, hidden], the gradient of x.</returns>
    public double[] Backward(double[] outputGradient)
    {
        var activatedGradient = parameters.LinearBackward(prefix + "mlp.down_proj", outputGradient, activated, configuration.IntermediateSize);
        var (gateGradient, upGradient) = ReferenceSwiGlu.Backward(activatedGradient, gate, up);
        var middleNormedGradient = ReferenceMath.Add(
            parameters.LinearBackward(prefix + "mlp.gate_proj", gateGradient, middleNormed, configuration.HiddenSize),
            parameters.LinearBackward(prefix + "mlp.up_proj", upGradient, middleNormed, configuration.HiddenSize));
        var middleGradient = ReferenceMath.Add(
            outputGradient, parameters.RmsNormBackward(prefix + "post_attention_layernorm", middleNormedGradient, middle, Epsilon));

        var attendedGradient = parameters.LinearBackward(prefix + "self_attn.o_proj", middleGradient, attended, configuration.QuerySize);
        var (rotatedQueryGradient, rotatedKeyGradient, valueGradient) = ReferenceAttention.Backward(
            attendedGradient, rotatedQuery, rotatedKey, value, configuration.HeadCount, configuration.KeyValueHeadCount, configuration.HeadDimension, Scale);
        var queryGradient = HeadNormBackward(
            "self_attn.q_norm", ReferenceRotaryEmbedding.Backward(rotatedQueryGradient, positions, frequencies), query);
        var keyGradient = HeadNormBackward(
            "self_attn.k_norm", ReferenceRotaryEmbedding.Backward(rotatedKeyGradient, positions, frequencies), key);
        var normedGradient = ReferenceMath.Add(
            ReferenceMath.Add(
                parameters.LinearBackward(prefix + "self_attn.q_proj", queryGradient, normed, configuration.HiddenSize),
                parameters.LinearBackward(prefix + "self_attn.k_proj", keyGradient, normed, configuration.HiddenSize)),
            parameters.LinearBackward(prefix + "self_attn.v_proj", valueGradient, normed, configuration.HiddenSize));
        return ReferenceMath.Add(middleGradient, parameters.RmsNormBackward(prefix + "input_layernorm", normedGradient, input, Epsilon));
    }

    private double[] HeadNorm(string name, double[] x) => configuration.QueryKeyNorm ? parameters.RmsNorm(prefix + name, x, Epsilon) : x;

    private double[] HeadNormBackward(string name, double[] outputGradient, double[] x) =>
        configuration.QueryKeyNorm ? parameters.RmsNormBackward(prefix + name, outputGradient, x, Epsilon) : outputGradient;
}
