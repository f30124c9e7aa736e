using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Training;
using DftNative.Training.Planning;

namespace DftNative.Tests.Training.Planning;

/// <summary>The terms of a step's time against a count of the products and tensors of a layer, one by one.</summary>
public sealed class StepCostTests
{
    private const double ProductFlops = 790e12;
    private const double Bandwidth = 4.3e12;
    private const double Tokens = 4 * 4096;
    private const double Passes = 4;
    private const double RowLength = 4096;

    // No two sizes are alike, and none is a multiple of another that would hide one taken for the other.
    private static readonly ModelConfiguration Model = PublishedModel.Configuration("Qwen2.5-7B") with
    {
        HiddenSize = 3072,
        IntermediateSize = 11_000,
        LayerCount = 5,
        HeadCount = 20,
        KeyValueHeadCount = 5,
        HeadDimension = 128,
        VocabularySize = 50_000,
    };

    private static readonly Workload Rows = Workload.OfSteps([[4096, 4096, 4096, 4096]], 4096, 4 * 4096, packing: true);

    private static double Hidden => Model.HiddenSize;

    private static double Query => 20 * 128;

    private static double KeyValue => 5 * 128;

    private static double Intermediate => Model.IntermediateSize;

    /// <summary>[in, out] of a layer's products.</summary>
    private static (double In, double Out)[] Attention => [(Hidden, Query), (Hidden, KeyValue), (Hidden, KeyValue), (Query, Hidden)];

    private static (double In, double Out)[] GateAndUp => [(Hidden, Intermediate), (Hidden, Intermediate)];

    private static (double In, double Out) Down => (Intermediate, Hidden);

    [Test]
    public void EveryLevelComputesAgainWhatItDidNotKeep()
    {
        // Two norms read a row and write one; SwiGLU's output is written.
        var norms = Moves([Hidden, Hidden, Hidden, Hidden, Intermediate]);
        var feedForward = norms + Multiplies(2, GateAndUp);
        // RoPE reads and writes queries and keys; of a row of n tokens a query sees n / 2 keys, in two products.
        var block = feedForward + Multiplies(2, Attention) + Moves([Query, Query, KeyValue, KeyValue]) + (2 * 2 * Query * (RowLength / 2) / 290e12);
        Assert.Multiple(() =>
        {
            Assert.That(RecomputedSeconds(RecomputeLevel.Norms), Is.EqualTo(Model.LayerCount * Tokens * norms).Within(1e-6).Percent);
            Assert.That(RecomputedSeconds(RecomputeLevel.FeedForward), Is.EqualTo(Model.LayerCount * Tokens * feedForward).Within(1e-6).Percent);
            Assert.That(RecomputedSeconds(RecomputeLevel.Block), Is.EqualTo(Model.LayerCount * Tokens * block).Within(1e-6).Percent);
        });
    }

    /// <summary>Bytes of an element's update: of the gradient, the moments and the weights as each mode has them, what is read and written.</summary>
    [TestCase(Precision.Exact, 8, 28)]
    [TestCase(Precision.Lean, 12, 20)]
    [TestCase(Precision.Tiny, 12, 16)]
    public void AStepIsItsProductsItsTensorsAndItsWeights(Precision precision, double gradientBytes, double updateBytes)
    {
        // A product forward, and two of its size backward. Attention of n / 2 keys a query: two products forward, five backward.
        var products = Multiplies(6, [.. Attention, .. GateAndUp, Down]);
        var attention = 2 * (RowLength / 2) * Query * ((2 / 290e12) + (5 / 200e12));
        // Two norms with the residual: four rows forward, four backward. SwiGLU: two read and one written, then three and two.
        // RoPE, forward and backward: queries and keys read and written.
        var tensors = Moves([.. Enumerable.Repeat(Hidden, 2 * 8), .. Enumerable.Repeat(Intermediate, 3 + 5), .. Enumerable.Repeat(Query + KeyValue, 2 * 2)]);
        var logits = Multiplies(6, [(Hidden, Model.VocabularySize)]) + (Model.VocabularySize * 10 / Bandwidth);
        double layerWeights = Model.LayerCount * Attention.Concat(GateAndUp).Append(Down).Sum(product => product.In * product.Out);
        var headWeights = Hidden * Model.VocabularySize;
        // Two readings in bf16, and the gradient's; the head's for every chunk.
        var weights = ((layerWeights * Passes) + (headWeights * 2 * Passes)) * (2 + 2 + gradientBytes) / Bandwidth;
        var update = (layerWeights + headWeights) * updateBytes / Bandwidth;
        Assert.That(
            Seconds(RecomputeLevel.None, precision),
            Is.EqualTo((Model.LayerCount * Tokens * (products + attention + tensors)) + (Tokens * logits) + weights + update).Within(1e-6).Percent);
    }

    private static double RecomputedSeconds(RecomputeLevel level) => Seconds(level, Precision.Exact) - Seconds(RecomputeLevel.None, Precision.Exact);

    /// <summary>Passes of a row each, with two chunks of the head.</summary>
    private static double Seconds(RecomputeLevel level, Precision precision) =>
        new StepCost(Model, Rows, precision).Of(new PassChoice((int)RowLength, level, (int)RowLength / 2)).Seconds;

    private static double Multiplies(double operations, (double In, double Out)[] products) => products.Sum(product => operations * product.In * product.Out / ProductFlops);

    /// <summary>Seconds in which a token's tensors of those widths are moved, in bf16.</summary>
    private static double Moves(double[] widths) => widths.Sum() * 2 / Bandwidth;
}
