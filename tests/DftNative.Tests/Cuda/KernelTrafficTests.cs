using System.Globalization;
using System.Text.RegularExpressions;
using DftNative.Backends;
using DftNative.Backends.Cuda;
using DftNative.Losses;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The bytes of global memory that each kernel moves, counted by the emulator, against the formulas of its own banner:
/// "NAME reads A bytes once, B from the caches, and writes C."
/// </summary>
[TestFixture]
[NonParallelizable]
internal sealed partial class KernelTrafficTests : CudaLayerFixture
{
    private static readonly KernelVariant[] Counted = [.. KernelVariants.All.Where(kernel => !IsCountedElsewhere(kernel.FileName))];

    private static readonly string[] Attention =
        [.. KernelVariants.All.Where(kernel => kernel.FileName.StartsWith("attention_", StringComparison.Ordinal)).Select(kernel => kernel.EntryPoint).Distinct()];

    private readonly List<DeviceBuffer> buffers = [];

    [TearDown]
    public void Release()
    {
        foreach (var buffer in buffers) buffer.Dispose();
        buffers.Clear();
    }

    [TestCaseSource(nameof(Counted))]
    public void MovesTheBytesThatItsBannerClaims(object kernel)
    {
        var launches = Launches().Where(launch => launch.Kernel == kernel).ToArray();
        Assert.That(launches, Is.Not.Empty, "no launch of it is counted");
        foreach (var launch in launches) Check(launch);
    }

    /// <summary>What attention moves depends on which tiles are visible: a test of its own that counts names the kernel.</summary>
    [TestCaseSource(nameof(Attention))]
    public void AttentionsTestsCountIts(string kernel)
    {
        var tests = Directory.GetFiles(Path.Combine(RepositoryFolder.Path, "tests", "DftNative.Tests", "Cuda"), "Attention*Tests.cs").Select(File.ReadAllText);
        Assert.That(tests.Any(text => text.Contains($"\"{kernel}\"", StringComparison.Ordinal) && text.Contains("CountersOf(", StringComparison.Ordinal)), $"nothing counts {kernel}");
    }

    [TestCase("a * (2 + b_2) / 4", 6)]
    [TestCase("a - b_2 - 1", 3)]
    [TestCase("ceil(a / 4) + min(a, b_2 * 2)", 6)]
    public void AFormulaHasAValue(string formula, double value) =>
        Assert.That(BannerFormula.Evaluate(formula, new Dictionary<string, double> { ["a"] = 6, ["b_2"] = 2 }), Is.EqualTo(value));

    [TestCase("a * c")]
    [TestCase("a * (1 + 2")]
    [TestCase("a 2")]
    [TestCase("min(a)")]
    public void WhatIsNoFormulaIsSeen(string formula) =>
        Assert.That(() => BannerFormula.Evaluate(formula, new Dictionary<string, double> { ["a"] = 6 }), Throws.InstanceOf<FormatException>());

    /// <summary>Attention's, see below, and the self-test's, which SelfTestTests counts.</summary>
    private static bool IsCountedElsewhere(string file) => file.StartsWith("attention_", StringComparison.Ordinal) || file == "self_test.cu";

    private void Check(KernelTraffic launch)
    {
        var claim = Claims(launch.Kernel.FileName).SingleOrDefault(match => match.Groups["kernel"].Value == launch.Kernel.EntryPoint);
        Assert.That(claim, Is.Not.Null, $"{launch.Kernel.FileName} does not say what {launch.Kernel.EntryPoint} reads and writes");
        CudaEmulator.ResetCounters();
        launch.Launch();
        Backend.Synchronize();
        var counted = CudaEmulator.CountersOf(launch.Kernel.EntryPoint);
        var numbers = launch.Shape.ToDictionary(number => number.Name, number => number.Value);
        numbers["grid"] = counted.Blocks;
        numbers["block"] = counted.Threads / (double)counted.Blocks;
        foreach (var define in launch.Kernel.Defines.Select(define => define.Split('='))) numbers[define[0]] = int.Parse(define[1], CultureInfo.InvariantCulture);
        Assert.Multiple(() =>
        {
            Assert.That(counted.Launches, Is.EqualTo(1), $"{launch}");
            Assert.That(counted.BytesReadStreaming, Is.EqualTo(Claimed("once")), $"{launch}: reads once");
            Assert.That(counted.BytesReadReused, Is.EqualTo(Claimed("cached")), $"{launch}: reads from the caches");
            Assert.That(counted.BytesWritten, Is.EqualTo(Claimed("written")), $"{launch}: writes");
            Assert.That(counted.BytesReadAsync, Is.Zero, $"{launch}: copies to shared memory");
        });

        double Claimed(string what) => claim!.Groups[what] is { Success: true } formula ? BannerFormula.Evaluate(formula.Value, numbers) : 0;
    }

    private static MatchCollection Claims(string file)
    {
        var banner = KernelSources.Read(file).Text.Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal));
        return Claim().Matches(string.Join(' ', banner.Select(line => line[2..].Trim())));
    }

    private IEnumerable<KernelTraffic> Launches() =>
    [
        AdamW(AdamWKernels.Exact, DataType.Float32, hasLow: true),
        AdamW(AdamWKernels.Lean, DataType.BFloat16, hasLow: true),
        AdamW(AdamWKernels.Tiny, DataType.BFloat16, hasLow: false),
        AddRounded(),
        .. ((DataType[])[DataType.Float32, DataType.BFloat16]).SelectMany(PerGradientType),
        GradientNormFinish(withStatistics: false), GradientNormFinish(withStatistics: true),
        Convert(ConvertKernels.FloatToBFloat16, DataType.Float32, DataType.BFloat16),
        Convert(ConvertKernels.BFloat16ToFloat, DataType.BFloat16, DataType.Float32),
        HeadRmsNorm(backward: false), HeadRmsNorm(backward: true),
        .. ((int[])[1000, 3584, 10240]).SelectMany(ResidualRmsNorm),
        RotaryEmbedding(RotaryEmbeddingKernels.Rotate, heads: 7, headDimension: 64),
        RotaryEmbedding(RotaryEmbeddingKernels.RotateNarrow, heads: 5, headDimension: 24),
        MoveRows(columns: 1000, packets: true, scatter: false), MoveRows(columns: 1000, packets: true, scatter: true), MoveRows(columns: 101, packets: false, scatter: false),
        SwiGluForward(), SwiGluBackward(withOutput: false), SwiGluBackward(withOutput: true),
        TokenLoss(backward: false), TokenLoss(backward: true), LossStatistics(), TokenEntropy(),
        .. SampleToken(),
    ];

    private KernelTraffic AdamW(KernelVariant kernel, DataType state, bool hasLow)
    {
        const int length = 2148;
        return new(kernel, () => Backend.AdamWStep(new AdamWArguments(
            Zeros(DataType.BFloat16, length), hasLow ? Zeros(DataType.Int16, length) : default, Zeros(state, length), Zeros(state, length),
            Zeros(state, length), Zeros(DataType.Float32, 2), 1, 0.1f, 0.9f, 0.99f, 1e-8f, 0, 1, 0)), ("length", length));
    }

    private KernelTraffic AddRounded()
    {
        const int length = 2056;
        return new(AddRoundedKernels.Add, () => Backend.AddRounded(Zeros(DataType.Float32, length), Zeros(DataType.BFloat16, length), default), ("length", length));
    }

    private IEnumerable<KernelTraffic> PerGradientType(DataType gradients)
    {
        const int rows = 200, columns = 264, parts = 4, hidden = 1032, length = 9001;
        void SumColumns() => Backend.AddColumnSums(ZeroRows(rows, columns), Zeros(gradients, columns));
        if (gradients == DataType.Float32) yield return new(ColumnSumKernels.Partials, SumColumns, ("rows", rows), ("columns", columns), ("parts", parts));
        yield return new(ColumnSumKernels.Finish(gradients), SumColumns, ("columns", columns), ("parts", parts));
        int[] tokens = [0, 3, 8], starts = [0, 1, 3, 9], rowIndices = [4, 0, 7, 1, 2, 3, 5, 6, 8];
        yield return new(
            EmbeddingKernels.Backward(gradients),
            () => Backend.EmbeddingBackward(Integers(tokens), Integers(starts), Integers(rowIndices), ZeroRows(9, hidden), ZeroRows(9, hidden, gradients)),
            ("row_count", rowIndices.Length), ("distinct", tokens.Length), ("hidden", hidden));
        yield return new(
            GradientNormKernels.Partials(gradients), () => Backend.GradientNorm(Zeros(gradients, length), 1, Zeros(DataType.Float32, 2)), ("length", length));
    }

    private KernelTraffic GradientNormFinish(bool withStatistics)
    {
        const int length = 9001, blocks = 3;
        return new(
            GradientNormKernels.Finish,
            () => Backend.GradientNorm(
                Zeros(DataType.Float32, length), 1, Zeros(DataType.Float32, 2),
                withStatistics ? Zeros(DataType.Float64, TokenLossStatistics.StepLength) : default),
            ("partials", blocks), ("statistics", withStatistics ? 1 : 0));
    }

    private KernelTraffic Convert(KernelVariant kernel, DataType source, DataType destination)
    {
        const int length = 2051;
        return new(kernel, () => Backend.Copy(Zeros(source, length), Zeros(destination, length)), ("length", length));
    }

    private KernelTraffic HeadRmsNorm(bool backward)
    {
        const int tokens = 50, heads = 3, size = 96, items = tokens * heads, lanes = 16;
        void Forward() => Backend.HeadRmsNormForward(
            ZeroRows(tokens, heads * size), Zeros(DataType.BFloat16, size), ZeroRows(tokens, heads * size), Zeros(DataType.Float32, items), 1);
        void Backward() => Backend.HeadRmsNormBackward(
            ZeroRows(tokens, heads * size), ZeroRows(tokens, heads * size), Zeros(DataType.BFloat16, size), Zeros(DataType.Float32, items),
            ZeroRows(tokens, heads * size), Zeros(DataType.Float32, size));
        return new(
            backward ? HeadRmsNormKernels.Backward : HeadRmsNormKernels.Forward, backward ? Backward : Forward,
            ("items", items), ("head_dimension", size), ("lanes", lanes));
    }

    private IEnumerable<KernelTraffic> ResidualRmsNorm(int hidden)
    {
        const int tokens = 7;
        var shape = ResidualRmsNormVariant.ForRow(hidden);
        foreach (var hasResidual in (bool[])[false, true])
        {
            yield return new(
                ResidualRmsNormKernels.Forward(hasResidual, shape),
                () => Backend.ResidualRmsNormForward(
                    ZeroRows(tokens, hidden), hasResidual ? ZeroRows(tokens, hidden) : default, Zeros(DataType.BFloat16, hidden),
                    hasResidual ? ZeroRows(tokens, hidden) : default, ZeroRows(tokens, hidden), Zeros(DataType.Float32, tokens), 1),
                ("tokens", tokens), ("hidden", hidden));
            yield return new(
                ResidualRmsNormKernels.Backward(shape),
                () => Backend.ResidualRmsNormBackward(
                    ZeroRows(tokens, hidden), ZeroRows(tokens, hidden), Zeros(DataType.BFloat16, hidden), Zeros(DataType.Float32, tokens),
                    ZeroRows(tokens, hidden), Zeros(DataType.Float32, hidden), accumulate: hasResidual),
                ("tokens", tokens), ("hidden", hidden), ("accumulate", hasResidual ? 1 : 0));
        }
    }

    private KernelTraffic RotaryEmbedding(KernelVariant kernel, int heads, int headDimension)
    {
        const int tokens = 37;
        return new(
            kernel,
            () => Backend.RotaryEmbedding(
                ZeroRows(tokens, heads * headDimension), Integers(new int[tokens]), ZeroRows(1, headDimension, DataType.Float32), headDimension, inverse: false),
            ("tokens", tokens), ("heads", heads), ("head_dimension", headDimension));
    }

    private KernelTraffic MoveRows(int columns, bool packets, bool scatter)
    {
        int[] rows = [.. Enumerable.Range(0, 40).Reverse()];
        var (source, destination) = (ZeroRows(rows.Length, columns, DataType.Float32), ZeroRows(rows.Length, columns, DataType.Float32));
        return new(
            RowsKernels.Move(packets),
            () =>
            {
                if (scatter) Backend.ScatterRows(source, Integers(rows), destination);
                else Backend.GatherRows(source, Integers(rows), destination);
            },
            ("count", rows.Length), ("row_words", columns));
    }

    private KernelTraffic SwiGluForward()
    {
        const int tokens = 7, intermediate = 1000;
        return new(
            SwiGluKernels.Forward, () => Backend.SwiGluForward(ZeroRows(tokens, 2 * intermediate), ZeroRows(tokens, intermediate)),
            ("tokens", tokens), ("intermediate", intermediate));
    }

    private KernelTraffic SwiGluBackward(bool withOutput)
    {
        const int tokens = 7, intermediate = 1000;
        return new(
            SwiGluKernels.Backward,
            () => Backend.SwiGluBackward(
                ZeroRows(tokens, intermediate), ZeroRows(tokens, 2 * intermediate), ZeroRows(tokens, 2 * intermediate), withOutput ? ZeroRows(tokens, intermediate) : default),
            ("tokens", tokens), ("intermediate", intermediate), ("y", withOutput ? 1 : 0));
    }

    private KernelTraffic TokenLoss(bool backward)
    {
        const int rows = 3, vocabulary = 4099;
        return new(
            backward ? TokenLossKernels.ForwardAndBackward : TokenLossKernels.Forward,
            () => Backend.TokenLossOfLogits(
                new Matrix(Zeros(DataType.Float32, rows * (vocabulary + 1)).Buffer!, 0, rows, vocabulary, vocabulary + 1), 0,
                default(TokenLossArguments) with
                {
                    Targets = Integers(new int[rows]),
                    StaticWeights = Zeros(DataType.Float32, rows),
                    IsStatic = Integers(new int[rows]),
                    LogProbabilities = Zeros(DataType.Float32, rows),
                    GradientScale = 1,
                    Weighting = TokenWeighting.Dft,
                },
                Zeros(DataType.Float32, rows * 4), backward),
            ("rows", rows), ("vocabulary", vocabulary));
    }

    private KernelTraffic LossStatistics()
    {
        const int rows = 70;
        return new(
            TokenLossKernels.Statistics,
            () => Backend.AddTokenLossStatistics(Zeros(DataType.Float32, rows * 4), Zeros(DataType.Float64, TokenLossStatistics.Length)), ("rows", rows));
    }

    private KernelTraffic TokenEntropy()
    {
        const int rows = 3, vocabulary = 4099;
        return new(
            TokenLossKernels.Entropy,
            () => Backend.TokenEntropyOfLogits(
                new Matrix(Zeros(DataType.Float32, rows * (vocabulary + 1)).Buffer!, 0, rows, vocabulary, vocabulary + 1), Zeros(DataType.Float32, rows)),
            ("rows", rows), ("vocabulary", vocabulary));
    }

    /// <summary>Of zeros, so that every token is kept; the first is drawn, in a whole segment.</summary>
    private IEnumerable<KernelTraffic> SampleToken()
    {
        const int rows = 3, vocabulary = 4099, segment = 128;
        (TokenSampling Options, int Passes, int Last)[] ways =
        [
            (new(), 2, segment), (new() { Temperature = 0 }, 1, 0), (new() { Temperature = 0, KeepsLogProbabilities = true }, 2, 0),
            (new() { KeepsLogProbabilities = true }, 2, segment), (new() { KeepsLogProbabilities = true, Temperature = 2 }, 3, segment),
            (new() { TopK = 5 }, 5, segment), (new() { TopP = 0.5 }, 6, segment), (new() { TopP = 0.5, KeepsLogProbabilities = true }, 6, segment),
            (new() { TopP = 0.5, TopK = 5, MinP = 0.5, RepetitionPenalty = 2, KeepsLogProbabilities = true }, 10, segment),
        ];
        foreach (var (options, passes, last) in ways)
        {
            int[] earlier = options.RepetitionPenalty == 1 ? [] : [1, 2, 3, 4, 5];
            var parameters = Enumerable.Repeat(new SamplingRow(0, 0, earlier.Length), rows).ToArray();
            yield return new(
                SamplingKernels.Sample,
                () => Backend.LaunchSampling(
                    new Matrix(Zeros(DataType.Float32, rows * (vocabulary + 1)).Buffer!, 0, rows, vocabulary, vocabulary + 1), options, parameters, earlier),
                ("rows", rows), ("vocabulary", vocabulary), ("passes", passes), ("last_segment", last), ("earlier", rows * earlier.Length));
        }
    }

    private Vector Zeros(DataType dataType, int length)
    {
        var buffer = Backend.Allocate(dataType, length, MemoryCategory.Activations, "operand");
        buffers.Add(buffer);
        Backend.Zero(buffer.AsVector());
        return buffer.AsVector();
    }

    private Matrix ZeroRows(int rows, int columns, DataType dataType = DataType.BFloat16) => Zeros(dataType, rows * columns).AsMatrix(rows, columns);

    private Vector Integers(int[] values)
    {
        var buffer = Upload(values);
        buffers.Add(buffer);
        return buffer.AsVector();
    }

    [GeneratedRegex(@"(?<kernel>\w+) reads (?<once>[^.]+?) bytes once(?:, (?<cached>[^.]+?) from the caches,)? and writes (?<written>[^.]+)\.")]
    private static partial Regex Claim();
}
