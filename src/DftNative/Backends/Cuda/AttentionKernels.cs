using System.Collections.Immutable;

namespace DftNative.Backends.Cuda;

/// <summary>
/// The variants of kernels/attention_*.cu, and the table from which one is picked. Tiles are the largest with which two
/// blocks share a multiprocessor without a spill, so that one multiplies while the other waits at its barrier;
/// bench/results/nvrtc.txt shows the registers, shared memory and blocks of each.
/// </summary>
internal static class AttentionKernels
{
    /// <summary>Keys of a decode kernel's chunk, the same for every device: another cut is another order of summation.</summary>
    public const int DecodeKeys = 256;

    /// <summary>Query heads that a block of the decode kernel takes: the rows of a tensor core's product.</summary>
    public const int DecodeHeads = 16;

    private const int WarpSize = 32;

    /// <summary>Registers of a thread that a kernel gives to operands kept through the loop (attention_backward_query.cu).</summary>
    private const int LargestKeptRegisters = 64;

    // Two blocks of 128 threads have 255 registers a thread on every device; 80 KiB of shared memory each on sm_80, 112 on
    // sm_90, 48 on sm_86, sm_89 and sm_120. A forward warp has 32 queries where shared memory allows: half the reads of 16.
    private static readonly AttentionKernel Forward64 = Forward(64, queryRows: 128, keyRows: 128);
    private static readonly AttentionKernel Forward64Compact = Forward(64, queryRows: 128, keyRows: 64);
    private static readonly AttentionKernel Forward128 = Forward(128, queryRows: 128, keyRows: 64);
    private static readonly AttentionKernel Forward128Ampere = Forward(128, queryRows: 128, keyRows: 48);
    private static readonly AttentionKernel Forward128Compact = Forward(128, queryRows: 64, keyRows: 32);

    // sm_80 holds one block of 32 queries a warp: it gets 8 warps of them. 16 queries a warp read shared memory a third more
    // often, which costs nothing where the tensor cores are the slower part.
    private static readonly AttentionKernel QueryGradient64 = QueryGradient(64, queryRows: 128, keyRows: 64);
    private static readonly AttentionKernel QueryGradient128 = QueryGradient(128, queryRows: 128, keyRows: 32);
    private static readonly AttentionKernel QueryGradient128Ampere = QueryGradient(128, queryRows: 256, keyRows: 32, threads: 256);
    private static readonly AttentionKernel QueryGradient128Compact = QueryGradient(128, queryRows: 64, keyRows: 32);

    private static readonly AttentionKernel KeyValueGradient64 = KeyValueGradient(64, keyRows: 128, queryRows: 64);
    private static readonly AttentionKernel KeyValueGradient128 = KeyValueGradient(128, keyRows: 64, queryRows: 64);
    private static readonly AttentionKernel KeyValueGradient128Compact = KeyValueGradient(128, keyRows: 64, queryRows: 32);

    // What counts here is how much is under way, since every key is read once: up to 32 and 64 KiB a block, of which sm_90 holds
    // 5 (96 registers a thread) and 3 (166), sm_80 4 and 2, sm_86 2 and 1, whose memory is slower by more than that. 256 keys
    // a chunk make a thousand blocks of 64 sequences of 1024 with 4 key/value heads, and write 3 % of what they read.
    private static readonly AttentionKernel Decode64 = DecodeOf(64);
    private static readonly AttentionKernel Decode128 = DecodeOf(128);

    /// <summary>
    /// The first row that a device and a head dimension fit is taken: a version for newer hardware goes above. sm_120 has
    /// the shared memory of sm_86, and sm_100 at least that of sm_90.
    /// </summary>
    private static readonly ImmutableArray<AttentionKernelSet> Table =
    [
        new(new Version(12, 0), 64, Forward64Compact, Decode64, QueryGradient64, KeyValueGradient64),
        new(new Version(12, 0), 128, Forward128Compact, Decode128, QueryGradient128Compact, KeyValueGradient128Compact),
        new(new Version(9, 0), 64, Forward64, Decode64, QueryGradient64, KeyValueGradient64),
        new(new Version(9, 0), 128, Forward128, Decode128, QueryGradient128, KeyValueGradient128),
        new(new Version(8, 6), 64, Forward64Compact, Decode64, QueryGradient64, KeyValueGradient64),
        new(new Version(8, 6), 128, Forward128Compact, Decode128, QueryGradient128Compact, KeyValueGradient128Compact),
        new(new Version(8, 0), 64, Forward64, Decode64, QueryGradient64, KeyValueGradient64),
        new(new Version(8, 0), 128, Forward128Ampere, Decode128, QueryGradient128Ampere, KeyValueGradient128),
    ];

    /// <summary>Adds up what the decode kernel leaves of each chunk: one for every device and width of heads.</summary>
    public static AttentionKernel DecodeCombine { get; } = new(
        new KernelVariant("attention_decode_combine.cu", "attention_decode_combine", $"CHUNK={DecodeKeys}", "THREADS=128"),
        DecodeKeys, new KernelBlock(128, 0));

    /// <summary>Every variant of the files.</summary>
    public static IEnumerable<KernelVariant> All =>
        Table.SelectMany(row => row.Kernels).Append(DecodeCombine).Select(kernel => kernel.Variant).Distinct();

    /// <summary>The widest head of the table.</summary>
    public static int LargestHeadDimension { get; } = Table.Max(row => row.HeadDimension);

    /// <summary>The kernels for a device and a head dimension of at most <see cref="LargestHeadDimension"/>.</summary>
    public static AttentionKernelSet For(Version computeCapability, int headDimension)
    {
        foreach (var row in Table)
        {
            if (computeCapability >= row.LeastComputeCapability && headDimension <= row.HeadDimension) return row;
        }

        throw new ArgumentOutOfRangeException(nameof(headDimension), headDimension, $"a head has at most {LargestHeadDimension} channels");
    }

    /// <summary>The kernels that a device uses for heads of any dimension.</summary>
    public static IEnumerable<AttentionKernel> For(Version computeCapability) =>
        Table.Select(row => row.HeadDimension).Distinct().SelectMany(headDimension => For(computeCapability, headDimension).Kernels).Append(DecodeCombine);

    private static AttentionKernel Forward(int headDimension, int queryRows, int keyRows)
    {
        const int threads = 128;
        return new AttentionKernel(
            new KernelVariant(
                "attention_forward.cu", "attention_forward",
                $"HEAD_DIM={headDimension}", $"QUERY_ROWS={queryRows}", $"KEY_ROWS={keyRows}", $"THREADS={threads}"),
            queryRows, new KernelBlock(threads, TileSizeInBytes(queryRows + (4 * keyRows), headDimension)));
    }

    private static AttentionKernel QueryGradient(int headDimension, int queryRows, int keyRows, int threads = 128)
    {
        const int chunk = 32;
        var keepsRows = queryRows / (threads / WarpSize) * headDimension / WarpSize <= LargestKeptRegisters;
        var rows = keepsRows ? Math.Max(2 * queryRows, 4 * keyRows) : (2 * queryRows) + (4 * keyRows);
        return new AttentionKernel(
            new KernelVariant(
                "attention_backward_query.cu", "attention_backward_query",
                $"HEAD_DIM={headDimension}", $"QUERY_ROWS={queryRows}", $"KEY_ROWS={keyRows}", $"CHUNK={chunk}", $"THREADS={threads}"),
            queryRows, new KernelBlock(threads, TileSizeInBytes(rows, headDimension)));
    }

    private static AttentionKernel KeyValueGradient(int headDimension, int keyRows, int queryRows)
    {
        const int threads = 128, chunk = 16;
        var keepsValues = keyRows / (threads / WarpSize) == 16;
        return new AttentionKernel(
            new KernelVariant(
                "attention_backward_key_value.cu", "attention_backward_key_value",
                $"HEAD_DIM={headDimension}", $"KEY_ROWS={keyRows}", $"QUERY_ROWS={queryRows}", $"CHUNK={chunk}", $"THREADS={threads}"),
            keyRows,
            new KernelBlock(
                threads, TileSizeInBytes((4 * queryRows) + (keepsValues ? 0 : keyRows), headDimension) + (4 * queryRows * sizeof(float))));
    }

    private static AttentionKernel DecodeOf(int headDimension)
    {
        const int threads = 128, stages = 2, keysOfStep = 16;
        return new AttentionKernel(
            new KernelVariant(
                "attention_decode.cu", "attention_decode", $"HEAD_DIM={headDimension}", $"CHUNK={DecodeKeys}", $"THREADS={threads}"),
            DecodeKeys, new KernelBlock(threads, TileSizeInBytes(DecodeHeads + (threads / WarpSize * stages * 2 * keysOfStep), headDimension)));
    }

    private static int TileSizeInBytes(int rows, int headDimension) => rows * headDimension * sizeof(ushort);
}
