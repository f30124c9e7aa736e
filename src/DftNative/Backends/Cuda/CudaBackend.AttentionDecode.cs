using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/attention_decode.cu and attention_decode_combine.cu.</content>
public sealed partial class CudaBackend
{
    private AttentionChunkList? decodeChunks;

    private AttentionChunkList DecodeChunks => decodeChunks ??= new AttentionChunkList(this, Scratch(CudaScratchKind.AttentionDecodeChunks));

    /// <summary>Chunks at most that single queries over a cache are cut into.</summary>
    internal static long MostDecodeChunks(int sequences, int capacity) =>
        (long)sequences * AttentionChunk.Count(capacity, AttentionKernels.DecodeKeys);

    /// <summary>fp32 numbers that the decode kernel leaves of some chunks: for each head its channels, the maximum and the sum.</summary>
    internal static long DecodePartialsLength(long chunks, int heads, int headDimension) => chunks * heads * (headDimension + 2);

    /// <summary>Attention forward of the ranges in <see cref="DecodeChunks"/>.</summary>
    private void AttentionDecode(
        Matrix query, Matrix key, Matrix value, Matrix output, Matrix logSumExp, AttentionKernel decode, in AttentionShape shape)
    {
        var (heads, keyValueHeads, headDimension, scale) = shape;
        var group = heads / keyValueHeads;
        var chunks = Pointer(DecodeChunks.Device, DataType.Int32);
        var partials = Scratch(CudaScratchKind.AttentionDecodePartials).Take(DecodePartialsLength(DecodeChunks.Count, heads, headDimension));
        var sumsLength = (long)DecodeChunks.Count * heads * headDimension;
        var sums = Pointer(partials.Slice(0, sumsLength), DataType.Float32);
        var statistics = Pointer(partials.Slice(sumsLength, partials.Length - sumsLength), DataType.Float32);

        var blocksOfChunk = keyValueHeads * ((group + AttentionKernels.DecodeHeads - 1) / AttentionKernels.DecodeHeads);
        kernels.Get(decode.Variant).Launch(
            DecodeLaunch(decode, blocksOfChunk),
            Rows(query), Rows(key), Rows(value), sums, statistics, chunks, keyValueHeads, group, headDimension, scale);

        const int channelsOfThread = 8;
        var combine = AttentionKernels.DecodeCombine;
        var threads = heads * headDimension / channelsOfThread;
        kernels.Get(combine.Variant).Launch(
            DecodeLaunch(combine, (threads + combine.Block.Threads - 1) / combine.Block.Threads),
            sums, statistics, Rows(output), Statistics(logSumExp), chunks, heads, headDimension, scale);
    }

    private LaunchConfiguration DecodeLaunch(AttentionKernel kernel, int blocksOfChunk) =>
        new(checked(DecodeChunks.Count * blocksOfChunk), kernel.Block.Threads, kernel.Block.SharedMemoryInBytes, stream);
}
