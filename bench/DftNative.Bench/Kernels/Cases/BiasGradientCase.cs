using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The joined projection's bias gradient by itself: sums over rows.</summary>
internal sealed class BiasGradientCase(KernelProblem problem) : KernelCase("bias_gradient", problem)
{
    private Operand values = null!, sums = null!;

    public override string Shape => $"{Tokens} x {Columns}";

    public override double Bytes => Columns * ((Tokens * 2.0) + 8);

    private int Columns => Model.QuerySize + (2 * Model.KeyValueSize);

    public override string? Unsupported(IBackend backend) => backend is CudaBackend ? null : "a part of linear_backward there";

    public override void Prepare(OperandArena operands)
    {
        values = operands.Random((long)Tokens * Columns);
        sums = operands.Random(DataType.Float32, Columns);
    }

    public override void Run(IBackend backend) => ((CudaBackend)backend).AddColumnSums(values.Matrix(Tokens, Columns), sums.Vector);

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        var actual = sums.Download(0, Columns);
        foreach (var column in Sample.Of(Columns, 128)) error.Add(actual[column], sums[column] + Products.Column(values, column, Tokens, Columns).Sum());
        yield return new OutputError("sums", error.Relative, Bounds.Arithmetic);
    }
}
