namespace DftNative.Reference;

/// <summary>silu(gate)·up in fp64, silu(x) = x/(1 + e^−x) (Shazeer 2020).</summary>
public static class ReferenceSwiGlu
{
    /// <summary>output = silu(gate)·up, element by element.</summary>
    /// <param name="gate">[n].</param>
    /// <param name="up">[n].</param>
    /// <returns>[n].</returns>
    public static double[] Forward(double[] gate, double[] up)
    {
        var output = new double[gate.Length];
        for (var i = 0; i < output.Length; i++) output[i] = gate[i] * Sigmoid(gate[i]) * up[i];
        return output;
    }

    /// <summary>Gradients of gate and up; silu′(x) = σ(x)·(1 + x·(1 − σ(x))).</summary>
    /// <param name="outputGradient">[n].</param>
    /// <param name="gate">[n], as in forward.</param>
    /// <param name="up">[n], as in forward.</param>
    /// <returns>[n] each.</returns>
    public static (double[] Gate, double[] Up) Backward(double[] outputGradient, double[] gate, double[] up)
    {
        var (gateGradient, upGradient) = (new double[gate.Length], new double[gate.Length]);
        for (var i = 0; i < gate.Length; i++)
        {
            var sigmoid = Sigmoid(gate[i]);
            gateGradient[i] = outputGradient[i] * up[i] * sigmoid * (1 + gate[i] * (1 - sigmoid));
            upGradient[i] = outputGradient[i] * gate[i] * sigmoid;
        }

        return (gateGradient, upGradient);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
