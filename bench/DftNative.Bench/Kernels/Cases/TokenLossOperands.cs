using DftNative.Backends;
using DftNative.Losses;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>What a row's loss depends on besides its logits: half of the rows have a static weight alone.</summary>
internal sealed class TokenLossOperands
{
    private readonly Operand staticWeights;

    public TokenLossOperands(OperandArena operands, int rows, int vocabulary)
    {
        Rows = rows;
        var random = new Random(1);
        Targets = [.. Enumerable.Range(0, rows).Select(_ => random.Next(vocabulary))];
        TargetOperand = operands.Of(Targets);
        staticWeights = operands.Random(DataType.Float32, rows, 0.2, mean: 1);
        IsStatic = operands.Of([.. Enumerable.Range(0, rows).Select(row => row % 2)]);
        LogProbabilities = operands.Output(DataType.Float32, rows);
        Statistics = operands.Of(DataType.Float64, TokenLossStatistics.Length, [0f]);
    }

    public int Rows { get; }

    public int[] Targets { get; }

    public Operand TargetOperand { get; }

    public Operand IsStatic { get; }

    public Operand LogProbabilities { get; }

    public Operand Statistics { get; }

    public float GradientScale => 1f / Rows;

    public TokenLossArguments Arguments(Matrix hidden, Matrix weight, Matrix hiddenGradient, Matrix weightGradient) => new(
        hidden, weight, TargetOperand.Vector, staticWeights.Vector, IsStatic.Vector, LogProbabilities.Vector, Statistics.Vector,
        hiddenGradient, weightGradient, GradientScale, TokenWeighting.Dft, ChunkRows: 4096);

    /// <summary>scale · w of a row.</summary>
    public double Factor(int row, double logProbability) =>
        GradientScale * staticWeights[row] * (IsStatic[row] != 0 ? 1 : Math.Exp(logProbability));

    /// <summary>log Σ exp.</summary>
    public static double LogSumExp(double[] logits)
    {
        var largest = logits.Max();
        return largest + Math.Log(logits.Sum(value => Math.Exp(value - largest)));
    }
}
