using DftNative.Cuda;
using DftNative.Losses;

namespace DftNative.Backends.Cuda;

/// <content>The loss head: its GEMMs, and launches of kernels/token_loss.cu, kernels/token_loss_statistics.cu and kernels/token_entropy.cu.</content>
public sealed partial class CudaBackend
{
    private const int FloatsPerPacket = PacketSizeInBytes / sizeof(float);

    /// <summary>The kernel's block is as wide as a row has stores of a packet, at most this.</summary>
    private const int TokenLossLargestBlock = 1024;

    /// <summary>The two reductions' scratch and a row's operands.</summary>
    private const int TokenLossSharedMemoryInBytes = (2 * BlockSumSharedMemoryInBytes) + 16;

    private const int TokenLossStatisticsThreads = 512;

    /// <summary>The scratch of three reductions.</summary>
    private const int TokenEntropySharedMemoryInBytes = 3 * BlockSumSharedMemoryInBytes;

    /// <summary>fp32 numbers that token_loss leaves of a row.</summary>
    internal const int RowStatisticsLength = 4;

    /// <inheritdoc cref="IBackend.TokenLoss"/>
    /// <remarks>
    /// A chunk of rows at a time: its logits in fp32, then their gradients in bf16 in the same memory, which the head's two
    /// backward products read.
    /// </remarks>
    public void TokenLoss(in TokenLossArguments arguments)
    {
        var (hidden, weight) = (arguments.Hidden, arguments.Weight);
        var (count, vocabulary) = (hidden.Rows, weight.Rows);
        var backward = !arguments.WeightGradient.IsEmpty;
        if (backward == arguments.HiddenGradient.IsEmpty)
            throw new ArgumentException("HiddenGradient and WeightGradient are given both or neither", nameof(arguments));
        if (!arguments.Reference.IsEmpty || !arguments.Weighting.IsFunctionOfProbability)
            throw new NotSupportedException("The GPU's loss head knows weights that are functions of the target's p, and nothing else.");
        if (arguments.ChunkRows < 1) throw new ArgumentException($"ChunkRows is {arguments.ChunkRows} and must be at least 1", nameof(arguments));
        var live = (int)Math.Min(arguments.LogProbabilities.Length, count);
        CheckLength(arguments.LogProbabilities, live);
        CheckLength(arguments.Targets, live);
        CheckLength(arguments.StaticWeights, live);
        CheckLength(arguments.IsStatic, live);
        if (!arguments.Entropies.IsEmpty)
        {
            if (backward) throw new ArgumentException("Entropies are given forward alone", nameof(arguments));
            CheckLength(arguments.Entropies, live);
        }

        if (backward)
        {
            CheckShape(arguments.HiddenGradient, count, hidden.Columns);
            CheckShape(arguments.WeightGradient, vocabulary, hidden.Columns);
        }

        var rowStatistics = Scratch(CudaScratchKind.LossRowStatistics).Take((long)live * RowStatisticsLength);
        for (var start = 0; start < count; start += arguments.ChunkRows)
        {
            var rows = Math.Min(arguments.ChunkRows, count - start);
            var memory = Scratch(CudaScratchKind.Logits).Take(LogitsLength(rows, vocabulary));
            var logits = new Matrix(memory.Buffer!, memory.Offset, rows, vocabulary, LogitsStride(vocabulary));
            var chunkHidden = hidden.SliceRows(start, rows);
            LinearForward(chunkHidden, weight, default, logits);
            var liveRows = Math.Clamp(live - start, 0, rows);
            if (!arguments.Entropies.IsEmpty) TokenEntropyOfLogits(logits.SliceRows(0, liveRows), arguments.Entropies.Slice(Math.Min(start, live), liveRows));
            TokenLossOfLogits(logits.SliceRows(0, liveRows), start, arguments, rowStatistics, backward);
            if (!backward) continue;
            Zero(memory.Slice(LogitsLength(liveRows, vocabulary), LogitsLength(rows - liveRows, vocabulary)));
            var gradients = GradientsOver(logits);
            LinearInputGradient(gradients, weight, arguments.HiddenGradient.SliceRows(start, rows));
            LinearWeightGradient(gradients, chunkHidden, arguments.WeightGradient, default);
        }

        AddTokenLossStatistics(rowStatistics, arguments.Statistics);
    }

    /// <summary>
    /// The token loss of a chunk's logits: log p, a part of the statistics for each row, and in place of the logits their
    /// gradients in bf16 (row stride twice that of the logits).
    /// </summary>
    /// <param name="logits">[n, vocabulary] fp32, from a multiple of 16 bytes and with such a row stride; replaced if <paramref name="backward"/>.</param>
    /// <param name="start">The first of the chunk's rows in the per-row operands.</param>
    /// <param name="arguments">The operands; those of the GEMMs are not used.</param>
    /// <param name="rowStatistics">[L, 4] fp32, written for the chunk's rows.</param>
    /// <param name="backward">Whether to write gradients.</param>
    internal void TokenLossOfLogits(Matrix logits, int start, in TokenLossArguments arguments, Vector rowStatistics, bool backward)
    {
        var (rows, vocabulary) = (logits.Rows, logits.Columns);
        CheckWholePackets(logits);
        if (rows == 0) return;

        kernels.Get(backward ? TokenLossKernels.ForwardAndBackward : TokenLossKernels.Forward).Launch(
            new LaunchConfiguration(rows, TokenLossBlock(vocabulary), TokenLossSharedMemoryInBytes, stream),
            Pointer(logits, DataType.Float32), vocabulary, logits.RowStride,
            Pointer(arguments.Targets.Slice(start, rows), DataType.Int32),
            Pointer(arguments.StaticWeights.Slice(start, rows), DataType.Float32),
            Pointer(arguments.IsStatic.Slice(start, rows), DataType.Int32),
            Pointer(arguments.LogProbabilities.Slice(start, rows), DataType.Float32),
            PacketPointer(rowStatistics.Slice((long)start * RowStatisticsLength, (long)rows * RowStatisticsLength), DataType.Float32),
            arguments.GradientScale, arguments.Weighting.Exponent, arguments.Weighting.MinWeight, arguments.Weighting.FocalGamma);
    }

    /// <summary>The entropy of each row's distribution.</summary>
    /// <param name="logits">[n, vocabulary] fp32, from a multiple of 16 bytes and with such a row stride.</param>
    /// <param name="entropies">[n] fp32, written.</param>
    internal void TokenEntropyOfLogits(Matrix logits, Vector entropies)
    {
        CheckWholePackets(logits);
        CheckLength(entropies, logits.Rows);
        if (logits.Rows == 0) return;
        kernels.Get(TokenLossKernels.Entropy).Launch(
            new LaunchConfiguration(logits.Rows, TokenLossBlock(logits.Columns), TokenEntropySharedMemoryInBytes, stream),
            Pointer(logits, DataType.Float32), logits.Columns, logits.RowStride, Pointer(entropies, DataType.Float32));
    }

    /// <summary>Adds the rows' parts to the statistics, in an order that depends on their number alone.</summary>
    /// <param name="rowStatistics">[L, 4] fp32.</param>
    /// <param name="statistics">[<see cref="TokenLossStatistics.Length"/>] fp64, added to.</param>
    internal void AddTokenLossStatistics(Vector rowStatistics, Vector statistics)
    {
        CheckLength(statistics, TokenLossStatistics.Length);
        if (rowStatistics.Length == 0) return;
        const int sumCount = 4;
        kernels.Get(TokenLossKernels.Statistics).Launch(
            new LaunchConfiguration(1, TokenLossStatisticsThreads, sumCount * TokenLossStatisticsThreads * sizeof(double), stream),
            PacketPointer(rowStatistics, DataType.Float32), (int)(rowStatistics.Length / RowStatisticsLength),
            Pointer(statistics, DataType.Float64));
    }

    /// <summary>Elements of a chunk's logits.</summary>
    internal static long LogitsLength(int rows, int vocabulary) => (long)rows * LogitsStride(vocabulary);

    /// <summary>Rows begin at whole packets.</summary>
    private static int LogitsStride(int vocabulary) => DivideUp(vocabulary, FloatsPerPacket) * FloatsPerPacket;

    private static void CheckWholePackets(Matrix logits)
    {
        if (logits.RowStride % FloatsPerPacket != 0 || logits.Offset % FloatsPerPacket != 0)
            throw new ArgumentException($"logits must begin and have rows at multiples of {PacketSizeInBytes} bytes", nameof(logits));
    }

    /// <summary>The memory of logits as their gradients in bf16.</summary>
    private static Matrix GradientsOver(Matrix logits) => new(
        ((CudaDeviceBuffer)logits.Buffer!).AsBFloat16, 2 * logits.Offset, logits.Rows, logits.Columns, 2 * logits.RowStride);

    private static int TokenLossBlock(int vocabulary)
    {
        const int logitsPerWarp = WarpSize * ElementsPerPacket;
        return Math.Min(TokenLossLargestBlock, DivideUp(vocabulary, logitsPerWarp) * WarpSize);
    }
}
