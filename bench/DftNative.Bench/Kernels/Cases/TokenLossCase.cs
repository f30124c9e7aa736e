using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>The LM head and the token loss, forward and backward, every row a target.</summary>
internal sealed class TokenLossCase(KernelProblem problem) : KernelCase("token_loss", problem)
{
    private TokenLossOperands rows = null!;
    private Operand hidden = null!, weight = null!, hiddenGradient = null!, weightGradient = null!;

    public override string Shape => $"{Tokens} x {Model.HiddenSize} -> {Model.VocabularySize}";

    public override double Flops => 6.0 * Tokens * Model.HiddenSize * Model.VocabularySize;

    public override void Prepare(OperandArena operands)
    {
        var (size, vocabulary) = (Model.HiddenSize, Model.VocabularySize);
        rows = new TokenLossOperands(operands, Tokens, vocabulary);
        hidden = operands.Random((long)Tokens * size);
        weight = operands.Random((long)vocabulary * size, 2 / Math.Sqrt(size));
        hiddenGradient = operands.Output((long)Tokens * size);
        // As large as what is added to it: static rows alone give a column Σ (1/V)·h/T, some 1e-7.
        weightGradient = operands.Random(DataType.Float32, (long)vocabulary * size, scale: 1 / ((double)vocabulary * Math.Sqrt(Tokens)));
    }

    public override void Run(IBackend backend) => backend.TokenLoss(rows.Arguments(
        hidden.Matrix(Tokens, Model.HiddenSize), weight.Matrix(Model.VocabularySize, Model.HiddenSize),
        hiddenGradient.Matrix(Tokens, Model.HiddenSize), weightGradient.Matrix(Model.VocabularySize, Model.HiddenSize)));

    public override IEnumerable<OutputError> Check()
    {
        var (size, vocabulary) = (Model.HiddenSize, Model.VocabularySize);
        var (logError, hiddenError) = (new ErrorNorm(), new ErrorNorm());
        var logProbabilities = rows.LogProbabilities.Download(0, Tokens);
        foreach (var t in Sample.Of(Tokens, 3))
        {
            var row = hidden.Initial((long)t * size, size);
            var logits = new double[vocabulary];
            Parallel.For(0, vocabulary, j => logits[j] = Products.Dot(row, weight.Initial((long)j * size, size)));
            var logSum = TokenLossOperands.LogSumExp(logits);
            var logProbability = logits[rows.Targets[t]] - logSum;
            logError.Add(logProbabilities[t], logProbability);
            var gradient = logits.Select((logit, j) =>
                rows.Factor(t, logProbability) * (Math.Exp(logit - logSum) - (j == rows.Targets[t] ? 1 : 0))).ToArray();
            hiddenError.Add(hiddenGradient.Download((long)t * size, size), WeightedSum(gradient));
        }

        yield return Written("logProbabilities", rows.LogProbabilities, logError, Bounds.Sum);
        yield return Written("hiddenGradient", hiddenGradient, hiddenError, Bounds.Sum + Bounds.Rounded(hiddenGradient.Vector.DataType, roundings: 2));
        yield return new OutputError("weightGradient", WeightError(logProbabilities).Relative, Bounds.Sum + Bounds.Rounded(hiddenGradient.Vector.DataType));
        var statistics = rows.Statistics.Download(0, 3);
        var sums = new ErrorNorm();
        sums.Add(statistics[0], Tokens);
        sums.Add(statistics[2], -logProbabilities.Sum());
        yield return new OutputError("statistics", sums.Relative, Bounds.Arithmetic);
    }

    private double[] WeightedSum(double[] gradient)
    {
        var total = new double[Model.HiddenSize];
        Parallel.For(
            0, Environment.ProcessorCount, () => new double[Model.HiddenSize],
            (part, _, sum) =>
            {
                for (var j = part; j < gradient.Length; j += Environment.ProcessorCount)
                    Products.AddScaled(sum, weight.Initial((long)j * Model.HiddenSize, Model.HiddenSize), gradient[j]);
                return sum;
            },
            sum =>
            {
                lock (total) Products.AddScaled(total, sum, 1);
            });
        return total;
    }

    /// <summary>
    /// Some of the head's rows, half of them targets. Each row's logsumexp is taken from the device's log p, which is
    /// checked by itself: another way every row's whole logits would be needed.
    /// </summary>
    private ErrorNorm WeightError(double[] logProbabilities)
    {
        var size = Model.HiddenSize;
        var error = new ErrorNorm();
        var states = Enumerable.Range(0, Tokens).Select(t => hidden.Initial((long)t * size, size)).ToArray();
        var logSums = states.Select((state, t) =>
            Products.Dot(state, weight.Initial((long)rows.Targets[t] * size, size)) - logProbabilities[t]).ToArray();
        foreach (var j in Sample.Of(Model.VocabularySize, 8).Concat(rows.Targets.Take(8)).Distinct())
        {
            var row = weight.Initial((long)j * size, size);
            var expected = weightGradient.Initial((long)j * size, size);
            for (var t = 0; t < Tokens; t++)
            {
                var probability = Math.Exp(Products.Dot(states[t], row) - logSums[t]);
                Products.AddScaled(expected, states[t], rows.Factor(t, logProbabilities[t]) * (probability - (j == rows.Targets[t] ? 1 : 0)));
            }

            error.Add(weightGradient.Download((long)j * size, size), expected);
        }

        return error;
    }
}
