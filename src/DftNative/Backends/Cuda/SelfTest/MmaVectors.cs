namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>
/// multiply_accumulate. A lane's element i of A, B and C is placed as the PTX ISA does, "Matrix Fragments for mma.m16n8k16
/// with floating point type": with group = lane / 4 and t = lane % 4,
/// A's row is group for i = 0, 1, 4, 5, else group + 8, its column 2t + i % 2, and 8 more from i = 4 on;
/// B's row is 2t + i % 2, and 8 more from i = 2 on, its column group;
/// C's row is group for i = 0, 1, else group + 8, its column 2t + i % 2.
/// Elements are packed low to high: two to a register of A and B, one to one of C.
/// </summary>
internal static class MmaVectors
{
    private const int Rows = 16;
    private const int Columns = 8;
    private const int Depth = 16;
    private const int Lanes = 32;

    /// <summary>The launch.</summary>
    public static SelfTestLaunch Launch { get; } = Build();

    private static SelfTestLaunch Build()
    {
        var random = new Random(16816);
        var zeroA = new float[Rows, Depth];
        var zeroB = new float[Depth, Columns];
        var zeroC = new float[Rows, Columns];
        // A row of the result is one row of B, so that an element of B in a wrong place shows; then one of A likewise.
        var rowChoice = Fill(Rows, Depth, (i, k) => k == ((5 * i) + 3) % Depth ? 1 : 0);
        var columnChoice = Fill(Depth, Columns, (k, j) => k == ((3 * j) + 1) % Depth ? 1 : 0);
        var distinctA = Fill(Rows, Depth, (i, k) => (Depth * i) + k + 1);
        var distinctB = Fill(Depth, Columns, (k, j) => (Columns * k) + j + 1);
        var distinctC = Fill(Rows, Columns, (i, j) => ((Columns * i) + j + 1) / 3f);
        List<uint> input = [];
        List<ExpectedWord> expected = [];
        foreach (var (a, b, c) in new[]
            {
                (rowChoice, distinctB, zeroC), (distinctA, columnChoice, zeroC), (zeroA, zeroB, distinctC),
                (Fill(Rows, Depth, Integer), Fill(Depth, Columns, Integer), Fill(Rows, Columns, Integer)),
            })
        {
            Add(input, a, b, c);
            // Sums of integers far below 2^24 are exact in whatever order.
            AddExpected(expected, a, b, c, (sum, _) => ExpectedWord.Exactly((float)sum));
        }

        for (var repetition = 0; repetition < 4; repetition++)
        {
            var (a, b, c) = (Fill(Rows, Depth, Real), Fill(Depth, Columns, Real), Fill(Rows, Columns, Real));
            Add(input, a, b, c);
            // The products of two bf16 are exact. Each of the 16 additions, in an order that the manual leaves open, may cut
            // off the bits below fp32's last one of the largest sum there can be.
            AddExpected(expected, a, b, c, (sum, magnitude) => ExpectedWord.Near(sum, 16 * Math.Pow(2, -23) * magnitude));
        }

        return new SelfTestLaunch(
            SelfTestKernels.MultiplyAccumulate, [.. input], 0,
            [new SelfTestCheck("multiply_accumulate", "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32", expected)]);

        float Integer(int row, int column) => random.Next(-9, 10);

        // Of bf16's 8 significant bits, over eight powers of two.
        float Real(int row, int column) => random.Next(-255, 256) * MathF.Pow(2, random.Next(-11, -3));
    }

    private static float[,] Fill(int rows, int columns, Func<int, int, float> value)
    {
        var matrix = new float[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++) matrix[row, column] = value(row, column);
        }

        return matrix;
    }

    /// <summary>What each lane brings: A's four registers, B's two, C's four.</summary>
    private static void Add(List<uint> input, float[,] a, float[,] b, float[,] c)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            var (group, t) = (lane / 4, lane % 4);
            for (var i = 0; i < 8; i += 2)
            {
                var (row, column) = (i is 0 or 4 ? group : group + 8, (2 * t) + (i >= 4 ? 8 : 0));
                input.Add(Pair(a[row, column], a[row, column + 1]));
            }

            for (var i = 0; i < 4; i += 2)
            {
                var row = (2 * t) + (i >= 2 ? 8 : 0);
                input.Add(Pair(b[row, group], b[row + 1, group]));
            }

            for (var i = 0; i < 4; i++) input.Add(BitConverter.SingleToUInt32Bits(c[RowOfC(lane, i), ColumnOfC(lane, i)]));
        }
    }

    /// <summary>What each lane gets, made of the element in fp64 and the sum of its terms' magnitudes.</summary>
    private static void AddExpected(List<ExpectedWord> expected, float[,] a, float[,] b, float[,] c, Func<double, double, ExpectedWord> word)
    {
        for (var lane = 0; lane < Lanes; lane++)
        {
            for (var i = 0; i < 4; i++)
            {
                var (row, column) = (RowOfC(lane, i), ColumnOfC(lane, i));
                double sum = c[row, column], magnitude = Math.Abs(sum);
                for (var k = 0; k < Depth; k++)
                {
                    var product = (double)a[row, k] * b[k, column];
                    sum += product;
                    magnitude += Math.Abs(product);
                }

                expected.Add(word(sum, magnitude));
            }
        }
    }

    private static int RowOfC(int lane, int i) => i < 2 ? lane / 4 : (lane / 4) + 8;

    private static int ColumnOfC(int lane, int i) => (2 * (lane % 4)) + (i % 2);

    /// <summary>Two numbers that bf16 holds exactly, the first in the lower half.</summary>
    private static uint Pair(float low, float high) =>
        (BitConverter.SingleToUInt32Bits(low) >> 16) | (BitConverter.SingleToUInt32Bits(high) & 0xFFFF_0000);
}
