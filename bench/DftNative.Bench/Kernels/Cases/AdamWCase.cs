using DftNative.Backends;

namespace DftNative.Bench.Kernels.Cases;

/// <summary>AdamW on a part of the arena: with an exact fp32 master, or with bf16 gradients and moments as well (lean), or bf16 alone (tiny).</summary>
internal sealed class AdamWCase(KernelProblem problem, long length, string mode) : KernelCase($"adamw_{mode}", problem)
{
    private const float Beta1 = 0.9f, Beta2 = 0.95f, Epsilon = 1e-8f, LearningRate = 5e-5f, WeightDecay = 0.01f, Norm = 2, Clip = 0.5f;
    private const int Step = 3;

    private Operand parameters = null!, gradients = null!, first = null!, second = null!, normAndClip = null!;
    private Operand? low;

    public override string Shape => $"{length}";

    public override double Bytes => length * (mode == "exact" ? 28.0 : mode == "lean" ? 18 : 14);

    /// <summary>Gradients and moments.</summary>
    private DataType StateType => mode == "exact" ? DataType.Float32 : DataType.BFloat16;

    public override string? Unsupported(IBackend backend) =>
        backend.ComputeType == DataType.BFloat16 || mode == "exact" ? null : "a mode of bf16 devices";

    public override void Prepare(OperandArena operands)
    {
        parameters = operands.Random(length, 0.02);
        low = operands.ComputeType == DataType.BFloat16 && mode != "tiny"
            ? operands.Of(DataType.Int16, length, Enumerable.Range(0, 65521).Select(i => (float)(((i * 40503) & 0xFFFF) - 0x8000)))
            : null;
        gradients = operands.Random(StateType, length, 1e-3);
        first = operands.Random(StateType, length, 1e-3);
        second = operands.Random(StateType, length, 1e-7, mean: 1e-6);
        normAndClip = operands.Of(DataType.Float32, 2, [Norm, Clip]);
    }

    public override void Run(IBackend backend) => backend.AdamWStep(new AdamWArguments(
        parameters.Vector, low?.Vector ?? default, gradients.Vector, first.Vector, second.Vector, normAndClip.Vector,
        Step, LearningRate, Beta1, Beta2, Epsilon, WeightDecay, Seed: 1, ArenaOffset: 0));

    public override IEnumerable<OutputError> Check()
    {
        const int run = 256;
        var (p, change, m, v) = (new ErrorNorm(), new ErrorNorm(), new ErrorNorm(), new ErrorNorm());
        foreach (var part in Sample.Of((int)(length / run), 64))
        {
            var start = (long)part * run;
            var (parametersNow, firstNow, secondNow) = (parameters.Download(start, run), first.Download(start, run), second.Download(start, run));
            var lowNow = low?.Download(start, run);
            for (var i = 0; i < run; i++)
            {
                var before = Master(parameters[start + i], low?[start + i] ?? 0);
                var gradient = gradients[start + i] * Clip;
                var firstMoment = (Beta1 * first[start + i]) + ((1 - (double)Beta1) * gradient);
                var secondMoment = (Beta2 * second[start + i]) + ((1 - (double)Beta2) * gradient * gradient);
                var update = LearningRate / (1 - Math.Pow(Beta1, Step)) * firstMoment / (Math.Sqrt(secondMoment / (1 - Math.Pow(Beta2, Step))) + Epsilon);
                var expected = (before * (1 - ((double)LearningRate * WeightDecay))) - update;
                var actual = Master(parametersNow[i], lowNow?[i] ?? 0);
                p.Add(actual, expected);
                change.Add(actual - before, expected - before);
                m.Add(firstNow[i], firstMoment);
                v.Add(secondNow[i], secondMoment);
            }
        }

        // Stochastic rounding goes to either neighbour: two units of roundoff.
        var state = Bounds.Rounded(StateType, roundings: 2);
        yield return new OutputError("parameters", p.Relative, mode == "tiny" ? Bounds.Rounded(DataType.BFloat16, roundings: 2) : Bounds.Arithmetic);
        // A change is some 1e-3 of a parameter, whose fp32 unit is 2^-24.
        if (mode != "tiny") yield return new OutputError("change", change.Relative, Bound: 1e-3);
        yield return new OutputError("firstMoment", m.Relative, state);
        yield return new OutputError("secondMoment", v.Relative, state);
    }

    /// <summary>The fp32 number that a bf16 and 16 more bits make.</summary>
    private double Master(double parameter, double lowBits) =>
        low is null ? parameter : BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits((float)parameter) + (int)lowBits);
}
