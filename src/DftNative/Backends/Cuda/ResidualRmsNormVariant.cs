using System.Collections.Immutable;

namespace DftNative.Backends.Cuda;

/// <summary>How residual_rmsnorm.cu is specialised by the width of a row: the wider, the more packets a thread.</summary>
/// <param name="Index">Its place in <see cref="Shapes"/>.</param>
/// <param name="LargestBlock">Threads of a block at most.</param>
/// <param name="PacketsPerThread">16-byte packets that a thread holds in registers.</param>
/// <param name="BackwardThreads">Threads of the backward pass that the registers of an SM are enough for.</param>
internal readonly record struct ResidualRmsNormVariant(int Index, int LargestBlock, int PacketsPerThread, int BackwardThreads)
{
    /// <summary>bf16 numbers of a packet.</summary>
    public const int ElementsPerPacket = 8;

    private const int WarpSize = 32;

    /// <summary>The shapes, for rows of up to 1024, 8192 and 16384 numbers.</summary>
    public static readonly ImmutableArray<ResidualRmsNormVariant> Shapes = [new(0, 128, 1, 1024), new(1, 512, 2, 512), new(2, 512, 4, 512)];

    /// <summary>The widest row of all shapes.</summary>
    public static int LargestRow => Shapes[^1].LargestRowOfShape;

    /// <summary>Blocks of the backward pass that an SM holds at once: narrow rows are small blocks, and so more of them.</summary>
    public int BackwardBlocksPerMultiprocessor(int hidden) => BackwardThreads / BlockSize(hidden);

    private int LargestRowOfShape => LargestBlock * PacketsPerThread * ElementsPerPacket;

    /// <summary>The first shape that holds a row; the row is at most <see cref="LargestRow"/> wide.</summary>
    public static ResidualRmsNormVariant ForRow(int hidden)
    {
        foreach (var shape in Shapes)
        {
            if (hidden <= shape.LargestRowOfShape) return shape;
        }

        throw new ArgumentOutOfRangeException(nameof(hidden), hidden, $"a row is at most {LargestRow} wide");
    }

    /// <summary>The fewest whole warps that hold a row: at 3584 numbers 224 threads of two packets, none idle.</summary>
    public int BlockSize(int hidden)
    {
        var packets = hidden / ElementsPerPacket;
        var threads = (packets + PacketsPerThread - 1) / PacketsPerThread;
        return (threads + WarpSize - 1) / WarpSize * WarpSize;
    }
}
