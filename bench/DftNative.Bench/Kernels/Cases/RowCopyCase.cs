using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Rows copied to or from places given by a list: the rows with a target, or a cache's new keys and values.</summary>
internal sealed class RowCopyCase(KernelProblem problem, bool scatter) : KernelCase(scatter ? "scatter_rows" : "gather_rows", problem)
{
    private Operand source = null!, rows = null!, destination = null!;

    public override string Shape => $"{Tokens} x {Model.HiddenSize}";

    public override double Bytes => Tokens * ((Model.HiddenSize * 2.0 * 2) + 4);

    public override void Prepare(OperandArena operands)
    {
        var order = Enumerable.Range(0, Tokens).ToArray();
        new Random(1).Shuffle(order);
        var length = (long)Tokens * Model.HiddenSize;
        (source, rows, destination) = (operands.Random(length), operands.Of(order), operands.Output(length));
    }

    public override void Run(IBackend backend)
    {
        var (from, to) = (source.Matrix(Tokens, Model.HiddenSize), destination.Matrix(Tokens, Model.HiddenSize));
        if (scatter)
            backend.ScatterRows(from, rows.Vector, to);
        else
            backend.GatherRows(from, rows.Vector, to);
    }

    public override IEnumerable<OutputError> Check()
    {
        var error = new ErrorNorm();
        var hidden = Model.HiddenSize;
        foreach (var i in Sample.Of(Tokens, 256))
        {
            var (from, to) = scatter ? (i, (long)rows[i]) : ((long)rows[i], (long)i);
            error.Add(destination.Download(to * hidden, hidden), source.Initial(from * hidden, hidden));
        }

        yield return Written("destination", destination, error, bound: 0);
    }
}
