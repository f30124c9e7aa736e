using System.Runtime.InteropServices;
using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/sample_token.cu.</content>
public sealed partial class CudaBackend
{
    /// <summary>int32 numbers of a <see cref="SamplingRow"/>.</summary>
    internal const int SamplingRowLength = 4;

    /// <summary>int32 numbers of a <see cref="TokenDraw"/>.</summary>
    internal const int TokenDrawLength = 6;

    /// <summary>Sums for each thread, bins of two words, and a place.</summary>
    private const int SamplingSharedMemoryInBytes = (SamplingParameters.Threads * 2 * sizeof(ulong)) + (2 * sizeof(ulong));

    private TokenDraw[] tokenDraws = [];

    /// <inheritdoc cref="IBackend.SampleTokens"/>
    public void SampleTokens(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens, Span<DrawnToken> drawn)
    {
        SamplingOperands.Check(logits, options, rows, earlierTokens, drawn);
        if (rows.IsEmpty) return;
        if (tokenDraws.Length < rows.Length) tokenDraws = new TokenDraw[rows.Length];
        var draws = LaunchSampling(logits, options, rows, earlierTokens);
        Download(draws, MemoryMarshal.Cast<TokenDraw, int>(tokenDraws.AsSpan(0, rows.Length)));
        for (var row = 0; row < rows.Length; row++) drawn[row] = tokenDraws[row].ToDrawnToken();
    }

    /// <summary>Queues the drawing from operands that are checked.</summary>
    /// <returns>[rows, 6] int32: a <see cref="TokenDraw"/> a row.</returns>
    internal Vector LaunchSampling(Matrix logits, TokenSampling options, ReadOnlySpan<SamplingRow> rows, ReadOnlySpan<int> earlierTokens)
    {
        var vocabulary = logits.Columns;
        var parameters = SamplingParameters.Of(options, vocabulary);
        var rowMemory = Scratch(CudaScratchKind.SamplingRows).Take((long)rows.Length * SamplingRowLength);
        Upload(MemoryMarshal.Cast<SamplingRow, int>(rows), rowMemory);
        var (earlier, maskInBytes) = (default(CUdeviceptr), 0);
        if (options.Penalizes)
        {
            var earlierMemory = Scratch(CudaScratchKind.SamplingEarlierTokens).Take(Math.Max(1, earlierTokens.Length));
            Upload(earlierTokens, earlierMemory);
            (earlier, maskInBytes) = (Pointer(earlierMemory, DataType.Int32), DivideUp(vocabulary, 32) * sizeof(uint));
        }

        var draws = Scratch(CudaScratchKind.SamplingDraws).Take((long)rows.Length * TokenDrawLength);
        kernels.Get(SamplingKernels.Sample).Launch(
            new LaunchConfiguration(rows.Length, SamplingParameters.Threads, SamplingSharedMemoryInBytes + maskInBytes, stream),
            Pointer(logits, DataType.Float32), vocabulary, logits.RowStride, PacketPointer(rowMemory, DataType.Int32), earlier, parameters,
            Pointer(draws, DataType.Int32));
        return draws;
    }
}
