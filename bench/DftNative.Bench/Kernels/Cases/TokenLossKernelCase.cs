using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The loss head's own kernel: fp32 logits read, their gradients in bf16 written over them.</summary>
internal sealed class TokenLossKernelCase(KernelProblem problem) : KernelCase("token_loss_kernel", problem)
{
    private const int MostRows = 1024;

    /// <summary>fp32 numbers that the kernel leaves of a row.</summary>
    private const int RowStatisticsLength = 4;

    private TokenLossOperands rows = null!;
    private Operand logits = null!, source = null!, rowStatistics = null!;

    public override string Shape => $"{Rows} x {Model.VocabularySize}";

    public override double Bytes => (double)Rows * Model.VocabularySize * (4 + 2);

    private int Rows => Math.Min(Tokens, MostRows);

    /// <summary>Rows begin at multiples of 16 bytes.</summary>
    private int RowStride => (Model.VocabularySize + 3) / 4 * 4;

    public override string? Unsupported(IBackend backend) => backend is CudaBackend ? null : "a part of token_loss there";

    public override void Prepare(OperandArena operands)
    {
        rows = new TokenLossOperands(operands, Rows, Model.VocabularySize);
        source = operands.Random(DataType.Float32, (long)Rows * RowStride, scale: 2);
        logits = operands.Output(DataType.Float32, (long)Rows * RowStride);
        rowStatistics = operands.Output(DataType.Float32, (long)Rows * RowStatisticsLength);
        Restore(operands.Backend);
    }

    public override void Restore(IBackend backend) => backend.Copy(source.Vector, logits.Vector);

    public override void Run(IBackend backend) => ((CudaBackend)backend).TokenLossOfLogits(
        new Matrix(logits.Vector.Buffer!, 0, Rows, Model.VocabularySize, RowStride), 0,
        rows.Arguments(default, default, default, default), rowStatistics.Vector, backward: true);

    public override IEnumerable<OutputError> Check()
    {
        var (logError, gradientError) = (new ErrorNorm(), new ErrorNorm());
        foreach (var t in Sample.Of(Rows, 16))
        {
            var row = source.Initial((long)t * RowStride, Model.VocabularySize);
            var logSum = TokenLossOperands.LogSumExp(row);
            var target = rows.Targets[t];
            var logProbability = row[target] - logSum;
            logError.Add(rows.LogProbabilities.Download(t, 1)[0], logProbability);
            var expected = row.Select((logit, j) => rows.Factor(t, logProbability) * (Math.Exp(logit - logSum) - (j == target ? 1 : 0))).ToArray();
            gradientError.Add(Gradients(t), expected);
        }

        yield return Written("logProbabilities", rows.LogProbabilities, logError, Bounds.Arithmetic);
        yield return new OutputError("gradients", gradientError.Relative, Bounds.Rounded(DataType.BFloat16));
    }

    /// <summary>The bf16 pairs that lie where a row's first fp32 numbers were.</summary>
    private double[] Gradients(int row) =>
    [
        .. logits.Download((long)row * RowStride, (Model.VocabularySize + 1) / 2).Select(pair => BitConverter.SingleToUInt32Bits((float)pair))
            .SelectMany(pair => new[] { (ushort)pair, (ushort)(pair >> 16) }).Take(Model.VocabularySize)
            .Select(bits => (double)(float)BFloat16.FromBits(bits)),
    ];
}
