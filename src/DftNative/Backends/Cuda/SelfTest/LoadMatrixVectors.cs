namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// load_matrices. PTX ISA, ldmatrix: of the .x4 form lanes 0-7 name the rows of matrix 0, 8-15 of matrix 1, 16-23 of
/// matrix 2 and 24-31 of matrix 3, in order and wherever they lie. Register i holds of matrix i elements
/// (lane / 4, 2 (lane % 4)) and the next of the row, the first in the lower half. With .trans a matrix is loaded
/// column-major: the register holds the elements whose row and column are those, exchanged.
/// </summary>
internal static class LoadMatrixVectors
{
    private const int Lanes = 32;
    private const int MatrixCount = 4;
    private const int MatrixSide = 8;

    // More places for rows than there are rows; a row's place is no simple function of the lane's number.
    private const int PlaceCount = 40;

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        List<uint> input = [];
        for (var lane = 0; lane < Lanes; lane++) input.Add((uint)(MatrixSide * PlaceOf(lane)));
        for (var element = 0; element < PlaceCount * MatrixSide; element += 2) input.Add(Pair(Content(element), Content(element + 1)));
        return new SelfTestLaunch(
            SelfTestKernels.LoadMatrices, [.. input], PlaceCount * MatrixSide * sizeof(ushort),
            [
                new SelfTestCheck("load_matrices<false>", "ldmatrix.sync.aligned.m8n8.x4.shared.b16", Fragments((row, column) => (row, column))),
                new SelfTestCheck("load_matrices<true>", "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16", Fragments((row, column) => (column, row))),
            ]);
    }

    private static ExpectedWord[] Fragments(Func<int, int, (int Row, int Column)> elementOf) =>
    [
        .. from lane in Enumerable.Range(0, Lanes)
           from matrix in Enumerable.Range(0, MatrixCount)
           let first = elementOf(lane / 4, 2 * (lane % 4))
           let second = elementOf(lane / 4, (2 * (lane % 4)) + 1)
           select ExpectedWord.Exactly(Pair(Element(matrix, first), Element(matrix, second))),
    ];

    private static ushort Element(int matrix, (int Row, int Column) element) =>
        Content((MatrixSide * PlaceOf((MatrixSide * matrix) + element.Row)) + element.Column);

    private static int PlaceOf(int row) => ((13 * row) + 5) % PlaceCount;

    /// <summary>Distinct in every element.</summary>
    private static ushort Content(int element) => (ushort)(0x1234 + (7 * element));

    private static uint Pair(ushort low, ushort high) => low | ((uint)high << 16);
}
