using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>Backward of attention, on what the forward pass left.</summary>
internal sealed class AttentionBackwardCase(KernelProblem problem, bool packed) : KernelCase(packed ? "attention_backward.packed" : "attention_backward", problem)
{
    private readonly KernelProblem problem = problem;
    private AttentionOperands inputs = null!;
    private Operand outputGradient = null!, output = null!, logSumExp = null!, gradients = null!;

    public override string Shape => $"{Tokens} x {Model.HeadCount}/{Model.KeyValueHeadCount} x {Model.HeadDimension}";

    /// <summary>Five products to the forward pass's two.</summary>
    public override double Flops => 10.0 * AttentionOperands.VisiblePairs(Tokens, packed) * Model.QuerySize;

    public override void Prepare(OperandArena operands)
    {
        inputs = new AttentionOperands(operands, problem, packed);
        outputGradient = operands.Random((long)Tokens * Model.QuerySize);
        output = operands.Output((long)Tokens * Model.QuerySize);
        logSumExp = operands.Output(DataType.Float32, (long)Model.HeadCount * Tokens);
        gradients = operands.Output((long)Tokens * inputs.RowStride);
        operands.Backend.AttentionForward(
            inputs.Query, inputs.Key, inputs.Value, output.Matrix(Tokens, Model.QuerySize), logSumExp.Matrix(Model.HeadCount, Tokens),
            inputs.Ranges, inputs.Shape);
    }

    public override void Run(IBackend backend) => backend.AttentionBackward(
        outputGradient.Matrix(Tokens, Model.QuerySize), inputs.Query, inputs.Key, inputs.Value, output.Matrix(Tokens, Model.QuerySize),
        logSumExp.Matrix(Model.HeadCount, Tokens), inputs.Slice(gradients, 0, inputs.QuerySize),
        inputs.Slice(gradients, inputs.QuerySize, inputs.KeyValueSize),
        inputs.Slice(gradients, inputs.QuerySize + inputs.KeyValueSize, inputs.KeyValueSize), inputs.Ranges, inputs.Shape);

    public override IEnumerable<OutputError> Check()
    {
        var (queryError, keyError, valueError) = (new ErrorNorm(), new ErrorNorm(), new ErrorNorm());
        var (size, scale) = (Model.HeadDimension, inputs.Shape.Scale);
        foreach (var keyHead in Sample.Of(Model.KeyValueHeadCount, 2))
        {
            var heads = Enumerable.Range(keyHead * inputs.GroupSize, inputs.GroupSize).Select(head => new Head(this, head)).ToArray();
            foreach (var row in Sample.Of(Tokens, 24))
            {
                // As a query, of the group's first head.
                var expected = new double[size];
                for (var j = inputs.First(row); j <= row; j++)
                    Products.AddScaled(expected, inputs.KeyRow(j, keyHead), scale * heads[0].Pair(row, inputs.KeyRow(j, keyHead), inputs.ValueRow(j, keyHead)).ScoreGradient);
                queryError.Add(Gradient(row, heads[0].Index * size), expected);

                // As a key, of all the group's heads.
                var (keyGradient, valueGradient) = (new double[size], new double[size]);
                var (key, value) = (inputs.KeyRow(row, keyHead), inputs.ValueRow(row, keyHead));
                foreach (var head in heads)
                {
                    for (var i = row; i < inputs.End(row); i++)
                    {
                        var (probability, scoreGradient) = head.Pair(i, key, value);
                        Products.AddScaled(keyGradient, inputs.QueryRow(i, head.Index), scale * scoreGradient);
                        Products.AddScaled(valueGradient, head.OutputGradient(i), probability);
                    }
                }

                keyError.Add(Gradient(row, inputs.QuerySize + (keyHead * size)), keyGradient);
                valueError.Add(Gradient(row, inputs.QuerySize + inputs.KeyValueSize + (keyHead * size)), valueGradient);
            }
        }

        // P and dS are rounded for the tensor cores, and the result; dP - D cancels, which makes dS's rounding count more.
        var bound = Bounds.Sum + Bounds.Rounded(gradients.Vector.DataType, roundings: 3);
        yield return Written("queryGradient", gradients, queryError, bound);
        yield return new OutputError("keyGradient", keyError.Relative, bound);
        yield return new OutputError("valueGradient", valueError.Relative, bound);
    }

    private double[] Gradient(int row, int column) => gradients.Download(((long)row * inputs.RowStride) + column, Model.HeadDimension);

    /// <summary>What backward takes of a query head.</summary>
    private sealed class Head
    {
        private readonly AttentionBackwardCase owner;
        private readonly double[] logSumExp;
        private readonly double[] meanGradients;

        public Head(AttentionBackwardCase owner, int index)
        {
            (this.owner, Index) = (owner, index);
            var (tokens, size, querySize) = (owner.Tokens, owner.Model.HeadDimension, owner.Model.QuerySize);
            logSumExp = owner.logSumExp.Download((long)index * tokens, tokens);
            meanGradients = [.. Enumerable.Range(0, tokens).Select(row =>
                Products.Dot(OutputGradient(row), owner.output.Download(((long)row * querySize) + (index * size), size)))];
        }

        public int Index { get; }

        public double[] OutputGradient(int row) =>
            owner.outputGradient.Initial(((long)row * owner.Model.QuerySize) + (Index * owner.Model.HeadDimension), owner.Model.HeadDimension);

        /// <summary>P and dS of a query and a key.</summary>
        public (double Probability, double ScoreGradient) Pair(int query, double[] key, double[] value)
        {
            var score = owner.inputs.Shape.Scale * Products.Dot(owner.inputs.QueryRow(query, Index), key);
            var probability = Math.Exp(score - logSumExp[query]);
            return (probability, probability * (Products.Dot(OutputGradient(query), value) - meanGradients[query]));
        }
    }
}
