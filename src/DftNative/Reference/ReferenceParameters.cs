namespace DftNative.Reference;

/// <summary>The parameters of a model and the gradients beside them, by Hugging Face name.</summary>
/// <param name="values">Every parameter, in the checkpoint's shape; not copied.</param>
internal sealed class ReferenceParameters(IReadOnlyDictionary<string, double[]> values)
{
    private Dictionary<string, double[]>? gradients;

    /// <summary>A gradient for each parameter, zero at first; made when first asked for, since a forward alone needs none.</summary>
    public Dictionary<string, double[]> Gradients => gradients ??=
        values.ToDictionary(parameter => parameter.Key, parameter => new double[parameter.Value.Length], StringComparer.Ordinal);

    /// <summary>RMSNorm with <c>name.weight</c>.</summary>
    public double[] RmsNorm(string name, double[] x, double epsilon) => ReferenceRmsNorm.Forward(x, values[name + ".weight"], epsilon);

    /// <summary>Backward of <see cref="RmsNorm"/>: adds to the weight's gradient and returns that of x.</summary>
    public double[] RmsNormBackward(string name, double[] outputGradient, double[] x, double epsilon) =>
        ReferenceRmsNorm.Backward(outputGradient, x, values[name + ".weight"], epsilon, Gradients[name + ".weight"]);

    /// <summary>x·Wᵀ + b with <c>name.weight</c> and, where the model has one, <c>name.bias</c>.</summary>
    public double[] Linear(string name, double[] x, int inputSize) =>
        ReferenceLinear.Forward(x, values[name + ".weight"], values.GetValueOrDefault(name + ".bias"), inputSize);

    /// <summary>Backward of <see cref="Linear"/>: adds to the gradients of weight and bias and returns that of x.</summary>
    public double[] LinearBackward(string name, double[] outputGradient, double[] x, int inputSize) => ReferenceLinear.Backward(
        outputGradient, x, values[name + ".weight"], inputSize, Gradients[name + ".weight"], Gradients.GetValueOrDefault(name + ".bias"));
}
