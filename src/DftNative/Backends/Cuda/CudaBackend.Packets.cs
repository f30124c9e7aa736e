using System.Runtime.CompilerServices;
using DftNative.Cuda.Interop;

namespace DftNative.Backends.Cuda;

/// <content>What kernels that take 16 bytes at a time ask of their operands.</content>
public sealed partial class CudaBackend
{
    /// <summary>Threads of kernels whose threads share nothing.</summary>
    private const int ElementwiseBlock = 256;

    /// <summary>The packets of a matrix of whole packets; kernels count them in 32 bits.</summary>
    private static int PacketCount(int rows, int columns, string operand) =>
        CheckCount((long)rows * (columns / ElementsPerPacket), operand);

    /// <summary>Items that a kernel counts in 32 bits, with a last block beyond them.</summary>
    private static int CheckCount(long count, string operand) => count <= int.MaxValue - (1 << 16)
        ? (int)count
        : throw new ArgumentException($"{operand} is too large for one launch", operand);

    /// <summary>Whether rows can be taken in packets.</summary>
    private static bool IsAligned(Matrix view)
    {
        var size = view.DataType.SizeInBytes();
        return view.Offset * size % PacketSizeInBytes == 0 && view.RowStride * (long)size % PacketSizeInBytes == 0;
    }

    /// <summary>The address of a matrix of any type whose rows are taken in packets.</summary>
    private CUdeviceptr AlignedPointer(Matrix view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        var pointer = Pointer(view, dataType, operand);
        return IsAligned(view)
            ? pointer
            : throw new ArgumentException($"{operand} must begin and have rows at multiples of {PacketSizeInBytes} bytes", operand);
    }

    /// <summary>The address of a vector, likewise.</summary>
    private CUdeviceptr AlignedPointer(Vector view, DataType dataType, [CallerArgumentExpression(nameof(view))] string operand = "")
    {
        var pointer = Pointer(view, dataType, operand);
        return OffsetInBytes(view) % PacketSizeInBytes == 0
            ? pointer
            : throw new ArgumentException($"{operand} must begin at a multiple of {PacketSizeInBytes} bytes", operand);
    }
}
