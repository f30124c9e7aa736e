using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Losses;

namespace DftNative.Tests.Losses;

/// <summary>The CPU's loss head over more rows than a chunk holds, and what it says of wrong operands.</summary>
public sealed class CpuTokenLossChunkTests
{
    private const int Rows = 80, Vocabulary = 70_001, Hidden = 4, ReferenceHidden = 3;

    /// <summary>80 rows are two chunks, of 64 and 16, and twice 40 rows are one each: every row has the same numbers either way.</summary>
    [Test]
    public void ARowDoesNotDependOnItsChunk([Values] bool withReference)
    {
        using var head = new Head(withReference);
        head.Run(0, Rows);
        var (logProbabilities, hiddenGradient, statistics) = head.Results();
        head.Reset();
        head.Run(0, 40);
        head.Run(40, 40);
        var parts = head.Results();
        Assert.Multiple(() =>
        {
            Assert.That(parts.LogProbabilities, Is.EqualTo(logProbabilities).Within(1e-5f));
            Assert.That(parts.HiddenGradient, Is.EqualTo(hiddenGradient).Within(1e-6f));
            Assert.That(parts.Statistics, Is.EqualTo(statistics).Within(1e-3));
            Assert.That(statistics[0], Is.EqualTo(Rows));
            Assert.That(hiddenGradient, Has.None.NaN.And.Some.Not.Zero);
        });
    }

    [Test]
    public void AFrozenModelOfAnotherShapeIsNamed()
    {
        using var head = new Head(withReference: true);
        var right = head.Arguments(0, Rows);
        Assert.Multiple(() =>
        {
            Fails(right with { Reference = right.Reference with { Hidden = right.Reference.Hidden.SliceRows(0, 3) } });
            Fails(right with { Reference = right.Reference with { Weight = right.Reference.Weight.SliceRows(0, 3) } });
            Fails(right with { Reference = right.Reference with { TokenWeights = right.Reference.TokenWeights.Slice(0, 3) } });
        });

        void Fails(TokenLossArguments arguments) => Assert.That(() => head.Backend.TokenLoss(arguments), Throws.ArgumentException);
    }

    private sealed class Head : IDisposable
    {
        private readonly List<DeviceBuffer> buffers = [];
        private readonly bool withReference;
        private readonly Matrix hidden, weight, referenceHidden, referenceWeight, hiddenGradient, weightGradient;
        private readonly Vector targets, staticWeights, isStatic, tokenWeights, logProbabilities, statistics;

        public Head(bool withReference)
        {
            this.withReference = withReference;
            var random = new Random(5);
            hidden = Random(Rows, Hidden);
            weight = Random(Vocabulary, Hidden);
            referenceHidden = Random(Rows, ReferenceHidden);
            referenceWeight = Random(Vocabulary, ReferenceHidden);
            hiddenGradient = Random(Rows, Hidden);
            weightGradient = Random(Vocabulary, Hidden);
            (staticWeights, tokenWeights) = (AsVector(Random(Rows, 1)), AsVector(Random(Rows, 1)));
            logProbabilities = Allocate(DataType.Float32, Rows);
            statistics = Allocate(DataType.Float64, TokenLossStatistics.Length);
            (targets, isStatic) = (Allocate(DataType.Int32, Rows), Allocate(DataType.Int32, Rows));
            Backend.Upload<int>(Enumerable.Range(0, Rows).Select(row => row * 800).ToArray(), targets);

            Matrix Random(int rows, int columns)
            {
                var vector = Allocate(DataType.Float32, (long)rows * columns);
                Backend.Upload<float>(Enumerable.Range(0, rows * columns).Select(_ => (float)(4 * random.NextDouble()) - 2).ToArray(), vector);
                return vector.AsMatrix(rows, columns);
            }
        }

        public CpuBackend Backend { get; } = new(2);

        public TokenLossArguments Arguments(int start, int count) => new(
            hidden.SliceRows(start, count), weight, targets.Slice(start, count), staticWeights.Slice(start, count), isStatic.Slice(start, count),
            logProbabilities.Slice(start, count), statistics, hiddenGradient.SliceRows(start, count), weightGradient, 0.1f, TokenWeighting.Sft, ChunkRows: 4096)
        {
            Reference = withReference ? new ReferenceHead(referenceHidden.SliceRows(start, count), referenceWeight, tokenWeights.Slice(start, count), 0.8f) : default,
        };

        public void Run(int start, int count) => Backend.TokenLoss(Arguments(start, count));

        public void Reset() => Backend.Zero(statistics);

        public (float[] LogProbabilities, float[] HiddenGradient, double[] Statistics) Results()
        {
            var (values, gradient, sums) = (new float[Rows], new float[Rows * Hidden], new double[TokenLossStatistics.Length]);
            Backend.Download(logProbabilities, values.AsSpan());
            Backend.Download(AsVector(hiddenGradient), gradient.AsSpan());
            Backend.Download(statistics, sums.AsSpan());
            return (values, gradient, sums);
        }

        public void Dispose()
        {
            foreach (var buffer in buffers) buffer.Dispose();
            Backend.Dispose();
        }

        private static Vector AsVector(Matrix matrix) => new(matrix.Buffer!, matrix.Offset, (long)matrix.Rows * matrix.Columns);

        private Vector Allocate(DataType dataType, long length)
        {
            var buffer = Backend.Allocate(dataType, length, MemoryCategory.Workspace, "operand");
            buffers.Add(buffer);
            return buffer.AsVector();
        }
    }
}
