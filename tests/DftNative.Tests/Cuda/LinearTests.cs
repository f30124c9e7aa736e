using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>CudaBackend.Linear against fp64.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class LinearTests : CudaLayerFixture
{
    // Odd outputs are a vocabulary's; the others cross every tile of the look-alike, and leave tails.
    private static readonly int[][] Shapes = [[1, 8, 8], [1, 64, 513], [5, 72, 40], [33, 200, 96], [130, 136, 264], [67, 520, 151]];

    [Test]
    public void ForwardAgreesWithFp64(
        [ValueSource(nameof(Shapes))] int[] shape, [Values] bool hasBias, [Values] bool isStrided)
    {
        var (tokens, inputs, outputs) = (shape[0], shape[1], shape[2]);
        var (inputStride, weightStride, outputStride) = isStrided ? (inputs + 8, inputs + 16, outputs + 24) : (inputs, inputs, outputs);
        double[] x = Normal(1, tokens * inputs), w = Normal(2, outputs * inputs), b = Normal(3, outputs);
        using var input = UploadRows(x, inputs, inputStride);
        using var weight = UploadRows(w, inputs, weightStride);
        using var bias = Upload(b);
        using var output = PoisonedRows(tokens, outputStride);

        Backend.LinearForward(
            new Matrix(input, 0, tokens, inputs, inputStride), new Matrix(weight, 0, outputs, inputs, weightStride),
            hasBias ? bias.AsVector() : default, new Matrix(output, 0, tokens, outputs, outputStride));

        CheckProduct(DownloadRows(output, outputs, outputStride), (tokens, outputs, inputs), (t, o, i) => (x[(t * inputs) + i], w[(o * inputs) + i]), (_, o) => hasBias ? b[o] : 0, isRounded: true);
    }

    [Test]
    public void SumsOfIntegersAreRoundedOnceToNearestEven()
    {
        // Each sum is exact in fp32 in any order, so that only the rounding to bf16 is left, ties among them.
        const int tokens = 37, inputs = 64, outputs = 56;
        double[] x = Integers(1, tokens * inputs), w = Integers(2, outputs * inputs), b = Integers(3, outputs);
        using var input = Upload(x);
        using var weight = Upload(w);
        using var bias = Upload(b);
        using var output = AllocatePoisoned(DataType.BFloat16, tokens * outputs);
        Backend.LinearForward(input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs), bias.AsVector(), output.AsMatrix(tokens, outputs));
        var sums = (
            from t in Enumerable.Range(0, tokens)
            from o in Enumerable.Range(0, outputs)
            select b[o] + Enumerable.Range(0, inputs).Sum(i => x[(t * inputs) + i] * w[(o * inputs) + i])).ToArray();
        Assert.That(Download(output.AsVector()), Is.EqualTo(sums.Select(BFloat16Reference.Round)));
        Assert.That(sums.Count(sum => Math.Abs(sum) is > 256 and < 512 && sum % 2 != 0), Is.GreaterThan(100), "ties");

        static double[] Integers(int seed, int count)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => (double)random.Next(-12, 13))];
        }
    }

    [Test]
    public void LogitsAreFp32([ValueSource(nameof(Shapes))] int[] shape, [Values] bool isStrided)
    {
        var (tokens, inputs, outputs) = (shape[0], shape[1], shape[2]);
        var stride = isStrided ? outputs + 3 : outputs;
        double[] x = Normal(1, tokens * inputs), w = Normal(2, outputs * inputs);
        using var input = Upload(x);
        using var weight = Upload(w);
        using var output = PoisonedRows(tokens, stride, DataType.Float32);

        Backend.LinearForward(input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs), default, new Matrix(output, 0, tokens, outputs, stride));

        CheckProduct(DownloadRows(output, outputs, stride), (tokens, outputs, inputs), (t, o, i) => (x[(t * inputs) + i], w[(o * inputs) + i]), (_, _) => 0, isRounded: false);
    }

    [Test]
    public void BackwardAgreesWithFp64([ValueSource(nameof(Shapes))] int[] shape, [Values] bool isStrided)
    {
        var (tokens, inputs, outputs) = (shape[0], shape[1], shape[2]);
        var hasBias = outputs % 8 == 0;

        // The loss head's gradients have the rows of its fp32 logits: any even stride.
        var (dyStride, xStride, wStride, dxStride, dwStride) = isStrided
            ? (2 * (outputs + 3), inputs + 8, inputs + 16, inputs + 24, inputs + 5)
            : (outputs, inputs, inputs, inputs, inputs);
        if (hasBias && isStrided) dyStride = outputs + 8;
        double[] dy = Normal(4, tokens * outputs), x = Normal(5, tokens * inputs), w = Normal(6, outputs * inputs);
        double[] before = Normal(7, outputs * inputs), biasBefore = Normal(8, outputs);
        using var outputGradient = UploadRows(dy, outputs, dyStride);
        using var input = UploadRows(x, inputs, xStride);
        using var weight = UploadRows(w, inputs, wStride);
        using var inputGradient = PoisonedRows(tokens, dxStride);
        using var weightGradient = UploadRows(before, inputs, dwStride, DataType.Float32);
        using var biasGradient = Upload(biasBefore, DataType.Float32);

        Backend.LinearBackward(
            new Matrix(outputGradient, 0, tokens, outputs, dyStride), new Matrix(input, 0, tokens, inputs, xStride),
            new Matrix(weight, 0, outputs, inputs, wStride), new Matrix(inputGradient, 0, tokens, inputs, dxStride),
            new Matrix(weightGradient, 0, outputs, inputs, dwStride), hasBias ? biasGradient.AsVector() : default);

        CheckProduct(DownloadRows(inputGradient, inputs, dxStride), (tokens, inputs, outputs), (t, i, o) => (dy[(t * outputs) + o], w[(o * inputs) + i]), (_, _) => 0, isRounded: true);
        CheckProduct(DownloadRows(weightGradient, inputs, dwStride), (outputs, inputs, tokens), (o, i, t) => (dy[(t * outputs) + o], x[(t * inputs) + i]), (o, i) => before[(o * inputs) + i], isRounded: false);
        if (hasBias)
            CheckProduct(Download(biasGradient.AsVector()), (1, outputs, tokens), (_, o, t) => (dy[(t * outputs) + o], 1), (_, o) => biasBefore[o], isRounded: false);
        else
            Assert.That(Download(biasGradient.AsVector()), Is.EqualTo(biasBefore));
    }

    [Test]
    public void GradientsAccumulate()
    {
        const int tokens = 40, inputs = 64, outputs = 48;
        using var outputGradient = Upload(Normal(4, tokens * outputs));
        using var input = Upload(Normal(5, tokens * inputs));
        using var weight = Upload(Normal(6, outputs * inputs));
        using var inputGradient = AllocatePoisoned(DataType.BFloat16, tokens * inputs);
        using var weightGradient = Backend.Allocate(DataType.Float32, outputs * inputs, MemoryCategory.Gradients, "dW");
        Run();
        var (once, inputOnce) = (Download(weightGradient.AsVector()), Download(inputGradient.AsVector()));
        Run();
        AssertSameBits(Download(weightGradient.AsVector()), once.Select(value => 2 * value));
        AssertSameBits(Download(inputGradient.AsVector()), inputOnce);

        void Run() => Backend.LinearBackward(
            outputGradient.AsMatrix(tokens, outputs), input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs),
            inputGradient.AsMatrix(tokens, inputs), weightGradient.AsMatrix(outputs, inputs), default);
    }

    [Test]
    public void PartsOfOneBufferAreOperands()
    {
        // Query, key and value leave one product side by side, and their gradients are columns of one matrix.
        const int tokens = 9, inputs = 16, outputs = 24;
        double[] x = Normal(1, tokens * inputs), w = Normal(2, outputs * inputs);
        using var buffer = AllocatePoisoned(DataType.BFloat16, tokens * (inputs + outputs));
        using var source = Upload(x);
        using var weight = Upload(w);
        var all = buffer.AsMatrix(tokens, inputs + outputs);
        Backend.LinearForward(source.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs), default, all.SliceColumns(inputs, outputs));
        Backend.Synchronize();
        var values = Download(buffer.AsVector()).Chunk(inputs + outputs).ToArray();
        Assert.That(values.SelectMany(row => row[..inputs]), Is.All.NaN);
        CheckProduct([.. values.SelectMany(row => row[inputs..])], (tokens, outputs, inputs), (t, o, i) => (x[(t * inputs) + i], w[(o * inputs) + i]), (_, _) => 0, isRounded: true);
    }

    [Test]
    public void RunsRepeatBitByBit()
    {
        const int tokens = 61, inputs = 328, outputs = 152;
        using var input = Upload(Normal(1, tokens * inputs));
        using var weight = Upload(Normal(2, outputs * inputs));
        using var output = AllocatePoisoned(DataType.Float32, tokens * outputs);
        var first = Run();
        for (var i = 0; i < 3; i++) AssertSameBits(Run(), first);

        double[] Run()
        {
            Backend.LinearForward(input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs), default, output.AsMatrix(tokens, outputs));
            return Download(output.AsVector());
        }
    }

    [Test]
    public void ProductsAllocateNoManagedMemory()
    {
        const int tokens = 4, inputs = 16, outputs = 8;
        using var input = Upload(Normal(1, tokens * inputs));
        using var weight = Upload(Normal(2, outputs * inputs));
        using var bias = Upload(Normal(3, outputs));
        using var output = AllocatePoisoned(DataType.BFloat16, tokens * outputs);
        using var inputGradient = AllocatePoisoned(DataType.BFloat16, tokens * inputs);
        using var weightGradient = Backend.Allocate(DataType.Float32, outputs * inputs, MemoryCategory.Gradients, "dW");
        using var biasGradient = Backend.Allocate(DataType.Float32, outputs, MemoryCategory.Gradients, "db");
        AssertAllocatesNothing(() =>
        {
            Backend.LinearForward(input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs), bias.AsVector(), output.AsMatrix(tokens, outputs));
            Backend.LinearBackward(
                output.AsMatrix(tokens, outputs), input.AsMatrix(tokens, inputs), weight.AsMatrix(outputs, inputs),
                inputGradient.AsMatrix(tokens, inputs), weightGradient.AsMatrix(outputs, inputs), biasGradient.AsVector());
        });
    }

    [Test]
    public void NoRowsLeaveGradientsAlone()
    {
        double[] before = Normal(1, 8 * 16);
        using var empty = Backend.Allocate(DataType.BFloat16, 0, MemoryCategory.Activations, "empty");
        using var weight = Upload(Normal(2, 8 * 16));
        using var weightGradient = Upload(before, DataType.Float32);
        Backend.LinearForward(empty.AsMatrix(0, 16), weight.AsMatrix(8, 16), default, empty.AsMatrix(0, 8));
        Backend.LinearBackward(
            empty.AsMatrix(0, 8), empty.AsMatrix(0, 16), weight.AsMatrix(8, 16), empty.AsMatrix(0, 16), weightGradient.AsMatrix(8, 16), default);
        Assert.That(Download(weightGradient.AsVector()), Is.EqualTo(before));
    }

    [Test]
    public void WrongOperandsAreRefused()
    {
        using var x = Upload(Normal(1, 4 * 16));
        using var w = Upload(Normal(2, 8 * 16));
        using var b = Upload(Normal(3, 8));
        using var y = AllocatePoisoned(DataType.BFloat16, 4 * 16);
        using var logits = AllocatePoisoned(DataType.Float32, 8 * 16);
        Matrix input = x.AsMatrix(4, 16), weight = w.AsMatrix(8, 16), output = y.AsMatrix(4, 16).SliceColumns(0, 8);
        Matrix fp32 = logits.AsMatrix(8, 16), dx = y.AsMatrix(4, 16), dy = output;
        Assert.Multiple(() =>
        {
            Assert.That(() => Backend.LinearForward(input, weight, b.AsVector(), fp32.SliceRows(0, 4).SliceColumns(0, 8)), Throws.ArgumentException.With.Message.Contains("BFloat16"));
            Assert.That(() => Backend.LinearForward(input, weight, b.AsVector().Slice(0, 7), output), Throws.ArgumentException.With.Message.Contains("7"));
            Assert.That(() => Backend.LinearForward(input, weight.SliceColumns(0, 8), default, output), Throws.ArgumentException.With.Message.Contains("weight"));
            Assert.That(() => Backend.LinearForward(input, weight, default, output.SliceRows(0, 3)), Throws.ArgumentException.With.Message.Contains("output"));
            Assert.That(() => Backend.LinearForward(input, fp32, default, output), Throws.ArgumentException.With.Message.Contains("weight"));
            Assert.That(() => Backend.LinearForward(fp32.SliceRows(0, 4), weight, default, output), Throws.ArgumentException.With.Message.Contains("input"));
            Assert.That(() => Backend.LinearBackward(dy, input, weight.SliceRows(0, 7), dx, fp32, default), Throws.ArgumentException.With.Message.Contains("weight"));
            Assert.That(() => Backend.LinearBackward(dy, input, weight, dx.SliceRows(0, 3), fp32, default), Throws.ArgumentException.With.Message.Contains("inputGradient"));
            Assert.That(() => Backend.LinearBackward(dy, input.SliceRows(0, 3), weight, x.AsMatrix(4, 16), fp32, default), Throws.ArgumentException.With.Message.Contains("input"));
            Assert.That(() => Backend.LinearBackward(dy, input, weight, fp32.SliceRows(0, 4), fp32, default), Throws.ArgumentException.With.Message.Contains("inputGradient"));
        });
        Backend.Synchronize();
    }

    /// <summary>
    /// Every element within its bound: depth fused additions of fp32, each with a rounding error of 2^-24 of at most the sum of magnitudes
    /// (Higham 2002, 3.1), in any order; and, where the result is bf16, half a step, 2^-8 of the value at most.
    /// </summary>
    private static void CheckProduct(
        double[] actual, (int Rows, int Columns, int Depth) shape, Func<int, int, int, (double Left, double Right)> factors,
        Func<int, int, double> addend, bool isRounded)
    {
        Assert.That(actual, Has.Length.EqualTo(shape.Rows * shape.Columns));
        for (var row = 0; row < shape.Rows; row++)
        {
            for (var column = 0; column < shape.Columns; column++)
            {
                var sum = addend(row, column);
                var magnitude = Math.Abs(sum);
                for (var k = 0; k < shape.Depth; k++)
                {
                    var (left, right) = factors(row, column, k);
                    sum += left * right;
                    magnitude += Math.Abs(left * right);
                }

                var bound = (Math.ScaleB(magnitude, -24) * (shape.Depth + 2)) + (isRounded ? Math.ScaleB(Math.Abs(sum), -8) : 0);
                var error = Math.Abs(actual[(row * shape.Columns) + column] - sum);
                if (!(error <= bound * 1.001)) Assert.Fail($"[{row}, {column}] is {actual[(row * shape.Columns) + column]}, not {sum}");
            }
        }
    }
}
