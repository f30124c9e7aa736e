using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <content>Launches kernels/column_sum.cu.</content>
public sealed partial class CudaBackend
{
    private const int ColumnSumWarps = 8;
    private const int ColumnSumBlock = ColumnSumWarps * WarpSize;
    private const int ColumnSumFinishBlock = 1024;
    private const int ColumnsPerPartialBlock = WarpSize * ElementsPerPacket;

    /// <summary>Fewer rows than these are not worth a part of their own.</summary>
    private const int FewestRowsPerPart = 64;

    /// <summary>So many parts fill a GPU even where the columns are few.</summary>
    private const int MostParts = 64;

    /// <summary>Parts of at most so many rows.</summary>
    internal static int MostColumnParts(int rows) => Math.Min(MostParts, DivideUp(rows, FewestRowsPerPart));

    /// <summary>sums += Σ_t values[t], fp32 sums in a fixed order: a bias's gradient.</summary>
    /// <param name="values">[rows, columns] bf16; columns a multiple of 8.</param>
    /// <param name="sums">[columns] fp32 or bf16, added to.</param>
    internal void AddColumnSums(Matrix values, Vector sums)
    {
        int rows = values.Rows, columns = values.Columns;
        CheckPackets(values);
        CheckLength(sums, columns);
        if (rows == 0 || columns == 0) return;

        var rowsPerPart = Math.Max(FewestRowsPerPart, DivideUp(rows, MostParts));
        var parts = DivideUp(rows, rowsPerPart);
        var partials = TakeColumnPartials(parts, columns);
        kernels.Get(ColumnSumKernels.Partials).Launch(
            new LaunchConfiguration(
                new Dimensions((uint)DivideUp(columns, ColumnsPerPartialBlock), (uint)parts, 1), ColumnSumBlock,
                ColumnSumWarps * ColumnsPerPartialBlock * sizeof(float), stream),
            Pointer(values, ComputeType), Pointer(partials, DataType.Float32), rows, columns, values.RowStride, rowsPerPart);
        AddPartialSums(partials, parts, sums);
    }

    /// <summary>Scratch for <see cref="AddPartialSums"/>: [parts, columns] fp32, not initialised.</summary>
    private Vector TakeColumnPartials(int parts, int columns) => Scratch(CudaScratchKind.ColumnPartials).Take((long)parts * columns);

    /// <summary>sums += Σ_p partials[p], in a fixed order.</summary>
    /// <param name="partials">[parts, columns] fp32.</param>
    /// <param name="parts">How many there are.</param>
    /// <param name="sums">[columns] fp32 or bf16, added to.</param>
    private void AddPartialSums(Vector partials, int parts, Vector sums)
    {
        var columns = (int)sums.Length;
        var dataType = GradientType(sums.Buffer);
        kernels.Get(ColumnSumKernels.Finish(dataType)).Launch(
            new LaunchConfiguration(DivideUp(columns, WarpSize), ColumnSumFinishBlock, ColumnSumFinishBlock * sizeof(float), stream),
            Pointer(partials, DataType.Float32), Pointer(sums, dataType), parts, columns,
            dataType == DataType.BFloat16 ? NextRounding(sums.Offset) : default);
    }
}
