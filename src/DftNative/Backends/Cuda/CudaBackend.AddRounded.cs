using System.Runtime.CompilerServices;
using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>bf16 gradients: the random bits of what is added to them, and launches of kernels/add_rounded.cu.</content>
public sealed partial class CudaBackend
{
    /// <summary>Rows of a slice are a multiple of this where they are more: whole tiles of a matrix product.</summary>
    private const int SliceRowAlignment = 128;

    /// <summary>Bytes at most of a weight's gradient in fp32 on its way to bf16, but for a single row.</summary>
    private const long LargestWeightGradientSlice = 256L << 20;

    private GradientRounding gradientRounding;
    private int additionCount;

    /// <summary>Those bytes; settable to fewer for tests.</summary>
    internal long WeightGradientSliceSizeInBytes { get; set; } = LargestWeightGradientSlice;

    /// <inheritdoc cref="IBackend.BeginPass"/>
    /// <remarks>An element's index is that in its buffer: the gradients' arena.</remarks>
    public void BeginPass(in GradientRounding rounding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rounding.Step);
        ArgumentOutOfRangeException.ThrowIfNegative(rounding.Pass);
        (gradientRounding, additionCount) = (rounding, 0);
    }

    /// <summary>bf16 where the buffer is, else fp32, which its use then asks of it.</summary>
    private static DataType GradientType(DeviceBuffer? gradient) =>
        gradient?.DataType == DataType.BFloat16 ? DataType.BFloat16 : DataType.Float32;

    /// <summary>The random bits of the pass's next addition to gradients.</summary>
    /// <param name="firstElement">The index of the first element added to.</param>
    /// <param name="operand">Its name, for an error.</param>
    private RandomCounter NextRounding(long firstElement, [CallerArgumentExpression(nameof(firstElement))] string operand = "")
    {
        var counter = RoundingOf(additionCount, firstElement, operand);
        additionCount++;
        return counter;
    }

    private RandomCounter RoundingOf(int addition, long firstElement, string operand)
    {
        if (firstElement % RandomCounter.GroupLength != 0)
            throw new ArgumentException($"{operand} begins at element {firstElement}, not a multiple of {RandomCounter.GroupLength}", operand);
        if (addition >= RandomCounter.AdditionCount)
            throw new InvalidOperationException($"a pass adds to gradients {RandomCounter.AdditionCount} times at most: {nameof(BeginPass)} begins the next");
        return RandomCounter.Of(gradientRounding, addition, firstElement);
    }

    /// <summary>
    /// weightGradient += outputGradientᵀ · input for a bf16 gradient: the product goes to fp32 scratch, a slice of rows at a
    /// time, and is added and rounded from there. The bits of an element do not depend on the slices.
    /// </summary>
    /// <param name="outputGradient">[T, out] bf16, T above 0.</param>
    /// <param name="input">[T, in] bf16.</param>
    /// <param name="weightGradient">[out, in] bf16 without gaps between rows, in a multiple of 8; added to.</param>
    private void AddRoundedWeightGradient(Matrix outputGradient, Matrix input, Matrix weightGradient)
    {
        var (rows, columns) = (weightGradient.Rows, weightGradient.Columns);
        CheckPackets(weightGradient);
        if (weightGradient.RowStride != columns) throw new ArgumentException("weightGradient has gaps between its rows", nameof(weightGradient));
        var sliceRows = SliceRows(rows, columns, WeightGradientSliceSizeInBytes);
        var sums = Scratch(CudaScratchKind.WeightGradientSums).Take((long)sliceRows * columns);
        var addition = additionCount++;
        for (var start = 0; start < rows; start += sliceRows)
        {
            var count = Math.Min(sliceRows, rows - start);
            cublasLt.Multiply(
                Operand(outputGradient.SliceColumns(start, count), ComputeType, nameof(outputGradient)), true, Operand(input, ComputeType), false,
                Operand(sums.AsMatrix(count, columns), DataType.Float32));
            var slice = weightGradient.SliceRows(start, count);
            AddRounded(
                sums.Slice(0, (long)count * columns), new Vector(slice.Buffer!, slice.Offset, (long)count * columns),
                RoundingOf(addition, slice.Offset, nameof(weightGradient)));
        }
    }

    /// <summary>gradients += sums, rounded stochastically.</summary>
    /// <param name="sums">[n] fp32, n a multiple of 8.</param>
    /// <param name="gradients">[n] bf16, added to.</param>
    /// <param name="counter">The random bits, from the first element's on.</param>
    internal void AddRounded(Vector sums, Vector gradients, RandomCounter counter)
    {
        CheckLength(sums, gradients.Length);
        var groups = CheckCount(gradients.Length / RandomCounter.GroupLength, nameof(gradients));
        if (groups == 0) return;
        kernels.Get(AddRoundedKernels.Add).Launch(
            new LaunchConfiguration(DivideUp(groups, ElementwiseBlock), ElementwiseBlock, 0, stream),
            PacketPointer(sums, DataType.Float32), PacketPointer(gradients, DataType.BFloat16), gradients.Length, counter);
    }

    /// <summary>Elements of the scratch memory for the gradient of a weight.</summary>
    internal static long WeightGradientSumsLength(int rows, int columns) => (long)SliceRows(rows, columns, LargestWeightGradientSlice) * columns;

    /// <summary>Rows of a slice: as many for each, so that few products have a shape of their own.</summary>
    private static int SliceRows(int rows, int columns, long sizeInBytes)
    {
        var most = (int)Math.Clamp(sizeInBytes / ((long)columns * sizeof(float)), 1, rows);
        if (most == rows || most < SliceRowAlignment) return most;
        var slices = DivideUp(rows, most / SliceRowAlignment * SliceRowAlignment);
        return DivideUp(DivideUp(rows, slices), SliceRowAlignment) * SliceRowAlignment;
    }
}
