using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>RoPE in place on the query and key heads of the joined projection's rows.</summary>
internal sealed class RotaryEmbeddingCase(KernelProblem problem) : KernelCase("rotary_embedding", problem)
{
    private Operand x = null!, positions = null!, table = null!;

    public override string Shape => $"{Tokens} x {RotatedHeads} x {Model.HeadDimension}";

    public override double Bytes => (double)Tokens * ((RotatedHeads * Model.HeadDimension * 2.0 * 2) + (Model.HeadDimension * 4.0) + 4);

    private int RotatedHeads => Model.HeadCount + Model.KeyValueHeadCount;

    private int RowStride => (RotatedHeads + Model.KeyValueHeadCount) * Model.HeadDimension;

    public override void Prepare(OperandArena operands)
    {
        var half = Model.HeadDimension / 2;
        x = operands.Random((long)Tokens * RowStride);
        positions = operands.Of([.. Enumerable.Range(0, Tokens).Select(t => (t * 7) % Tokens)]);
        table = operands.Of(DataType.Float32, (long)Tokens * Model.HeadDimension, Enumerable.Range(0, Tokens).SelectMany(position =>
        {
            var angles = Enumerable.Range(0, half).Select(c => position * Math.Pow(Model.RopeTheta, -(double)c / half)).ToArray();
            return angles.Select(angle => (float)Math.Cos(angle)).Concat(angles.Select(angle => (float)Math.Sin(angle)));
        }));
    }

    public override void Run(IBackend backend) => backend.RotaryEmbedding(
        x.Matrix(Tokens, RowStride).SliceColumns(0, RotatedHeads * Model.HeadDimension), positions.Vector,
        table.Matrix(Tokens, Model.HeadDimension), Model.HeadDimension, inverse: false);

    public override IEnumerable<OutputError> Check()
    {
        var (rotated, values) = (new ErrorNorm(), new ErrorNorm());
        var (size, half) = (Model.HeadDimension, Model.HeadDimension / 2);
        foreach (var t in Sample.Of(Tokens, 64))
        {
            var (before, after) = (x.Initial((long)t * RowStride, RowStride), x.Download((long)t * RowStride, RowStride));
            var cosSin = table.Initial((long)positions[t] * size, size);
            for (var head = 0; head < RotatedHeads; head++)
            {
                for (var c = 0; c < half; c++)
                {
                    var i = (head * size) + c;
                    rotated.Add(after[i], (before[i] * cosSin[c]) - (before[i + half] * cosSin[half + c]));
                    rotated.Add(after[i + half], (before[i + half] * cosSin[c]) + (before[i] * cosSin[half + c]));
                }
            }

            values.Add(after.AsSpan(RotatedHeads * size), before.AsSpan(RotatedHeads * size));
        }

        yield return new OutputError("x", rotated.Relative, Bounds.Rounded(x.Vector.DataType));
        yield return new OutputError("the value heads beside it", values.Relative, Bound: 0);
    }
}
