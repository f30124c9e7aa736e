using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>A copy that changes the type.</summary>
internal sealed class ConvertCase(KernelProblem problem, long length, DataType from, DataType to) :
    KernelCase(to == DataType.BFloat16 ? "convert_to_bf16" : "convert_to_fp32", problem)
{
    private Operand source = null!, destination = null!;

    public override string Shape => $"{length}";

    public override double Bytes => length * 6.0;

    public override string? Unsupported(IBackend backend) => backend.ComputeType == DataType.BFloat16 ? null : "its device is fp32 throughout";

    public override void Prepare(OperandArena operands) => (source, destination) = (operands.Random(from, length), operands.Output(to, length));

    public override void Run(IBackend backend) => backend.Copy(source.Vector, destination.Vector);

    public override IEnumerable<OutputError> Check()
    {
        const int run = 256;
        var error = new ErrorNorm();
        foreach (var part in Sample.Of((int)(length / run), 64)) error.Add(destination.Download((long)part * run, run), source.Initial((long)part * run, run));
        yield return Written("destination", destination, error, to == DataType.BFloat16 ? Bounds.Rounded(to) : 0);
    }
}
