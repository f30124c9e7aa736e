using System.Collections.Immutable;

namespace DftNative.Backends.Cuda;

/// <summary>The variants of kernels/attention_*.cu, and the table from which one is picked.</summary>
internal static class AttentionKernels
{
    /// <summary>Threads of a block.</summary>
    public const int Threads = 128;

    private static readonly Version AnyCapability = new(8, 0);

    /// <summary>
    /// The first row that a device and a head dimension fit is taken: a version for newer hardware goes above. The tiles
    /// fit the 99 KiB of shared memory that a block has on sm_86 and sm_89.
    /// </summary>
    private static readonly ImmutableArray<AttentionKernelSet> Table =
    [
        new(AnyCapability, 64,
            Forward(64, queryRows: 128, keyRows: 64),
            Delta(64, queryRows: 128),
            KeyValueGradient(64, keyRows: 128, queryRows: 64, chunk: 16),
            QueryGradient(64, queryRows: 128, keyRows: 64, chunk: 32)),
        new(AnyCapability, 128,
            Forward(128, queryRows: 128, keyRows: 64),
            Delta(128, queryRows: 128),
            KeyValueGradient(128, keyRows: 64, queryRows: 64, chunk: 32),
            QueryGradient(128, queryRows: 128, keyRows: 32, chunk: 16)),
    ];

    /// <summary>Every variant of the files.</summary>
    public static IEnumerable<KernelVariant> All => Table.SelectMany(row => row.Variants);

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

    private static AttentionKernel Forward(int headDimension, int queryRows, int keyRows) => new(
        new KernelVariant(
            "attention_forward.cu", "attention_forward",
            $"HEAD_DIM={headDimension}", $"QUERY_ROWS={queryRows}", $"KEY_ROWS={keyRows}", $"THREADS={Threads}"),
        queryRows, TileSizeInBytes(queryRows + (2 * keyRows), headDimension));

    private static AttentionKernel Delta(int headDimension, int queryRows) => new(
        new KernelVariant(
            "attention_backward_delta.cu", "attention_backward_delta",
            $"HEAD_DIM={headDimension}", $"QUERY_ROWS={queryRows}", $"THREADS={Threads}"),
        queryRows, SharedMemoryInBytes: 0);

    private static AttentionKernel KeyValueGradient(int headDimension, int keyRows, int queryRows, int chunk) => new(
        new KernelVariant(
            "attention_backward_key_value.cu", "attention_backward_key_value",
            $"HEAD_DIM={headDimension}", $"KEY_ROWS={keyRows}", $"QUERY_ROWS={queryRows}", $"CHUNK={chunk}", $"THREADS={Threads}"),
        keyRows, TileSizeInBytes((2 * keyRows) + (4 * queryRows), headDimension) + (4 * queryRows * sizeof(float)));

    private static AttentionKernel QueryGradient(int headDimension, int queryRows, int keyRows, int chunk) => new(
        new KernelVariant(
            "attention_backward_query.cu", "attention_backward_query",
            $"HEAD_DIM={headDimension}", $"QUERY_ROWS={queryRows}", $"KEY_ROWS={keyRows}", $"CHUNK={chunk}", $"THREADS={Threads}"),
        queryRows, TileSizeInBytes((2 * queryRows) + (4 * keyRows), headDimension));

    private static int TileSizeInBytes(int rows, int headDimension) => rows * headDimension * sizeof(ushort);
}
