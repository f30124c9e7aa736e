using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;

namespace DftNative.Tests.Reference;

/// <summary>Each layer of the reference by itself: backward against central differences, forward against values worked out by hand.</summary>
[TestFixture]
internal sealed class ReferenceLayerTests
{
    private RandomValues random = null!;

    [SetUp]
    public void SetUp() => random = new RandomValues(5);

    [Test]
    public void LinearBackwardIsTheGradient([Values] bool withBias, [Values(1, 11)] int rows)
    {
        const int inputSize = 7, outputSize = 5;
        var (input, weight) = (random.Array(rows * inputSize), random.Array(outputSize * inputSize));
        var bias = withBias ? random.Array(outputSize) : null;
        var outputGradient = random.Array(rows * outputSize);
        double Function() => RandomValues.Project(outputGradient, ReferenceLinear.Forward(input, weight, bias, inputSize));
        var (weightGradient, biasGradient) = (new double[weight.Length], withBias ? new double[outputSize] : null);

        var inputGradient = ReferenceLinear.Backward(outputGradient, input, weight, inputSize, weightGradient, biasGradient);

        AssertIsGradient(Function, (input, inputGradient), (weight, weightGradient));
        if (withBias) AssertIsGradient(Function, (bias!, biasGradient!));
    }

    [Test]
    public void BackwardAddsToTheGradientsOfParameters()
    {
        var (input, weight, outputGradient) = (random.Array(6), random.Array(6), random.Array(4));
        double[] once = new double[6], twice = new double[6], onceBias = new double[2], twiceBias = new double[2];
        ReferenceLinear.Backward(outputGradient, input, weight, 3, once, onceBias);
        for (var i = 0; i < 2; i++) ReferenceLinear.Backward(outputGradient, input, weight, 3, twice, twiceBias);
        double[] onceNorm = new double[3], twiceNorm = new double[3];
        ReferenceRmsNorm.Backward(input, input, weight[..3], 1e-6, onceNorm);
        for (var i = 0; i < 2; i++) ReferenceRmsNorm.Backward(input, input, weight[..3], 1e-6, twiceNorm);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(twice, Is.EqualTo(once.Select(value => 2 * value)).Within(1e-14));
            Assert.That(twiceBias, Is.EqualTo(onceBias.Select(value => 2 * value)).Within(1e-14));
            Assert.That(twiceNorm, Is.EqualTo(onceNorm.Select(value => 2 * value)).Within(1e-14));
        }
    }

    [Test]
    public void RmsNormDividesByTheRootMeanSquare()
    {
        // Mean square of (3, 4) is 12.5; with ε = 12.5 the root is 5.
        Assert.That(ReferenceRmsNorm.Forward([3, 4], [1, 10], 12.5), Is.EqualTo(new[] { 0.6, 8 }).Within(1e-15));
    }

    [Test]
    public void RmsNormBackwardIsTheGradient()
    {
        const double epsilon = 0.1;
        var (x, weight, outputGradient) = (random.Array(3 * 6), random.Array(6), random.Array(3 * 6));
        var weightGradient = new double[6];
        var xGradient = ReferenceRmsNorm.Backward(outputGradient, x, weight, epsilon, weightGradient);
        AssertIsGradient(
            () => RandomValues.Project(outputGradient, ReferenceRmsNorm.Forward(x, weight, epsilon)), (x, xGradient), (weight, weightGradient));
    }

    [Test]
    public void RotaryEmbeddingTurnsPairsHalfAHeadApart()
    {
        // A quarter turn takes (a, b) to (−b, a); the second pair's frequency is 0.
        var output = ReferenceRotaryEmbedding.Forward([1, 2, 3, 4, 5, 6, 7, 8], [1], [Math.PI / 2, 0]);
        Assert.That(output, Is.EqualTo(new double[] { -3, 2, 1, 4, -7, 6, 5, 8 }).Within(1e-15));
    }

    [Test]
    public void RotaryEmbeddingBackwardIsTheGradient()
    {
        int[] positions = [0, 3, 1];
        var frequencies = ReferenceRotaryEmbedding.Frequencies(6, 10, new RotaryScaling.Default());
        var (x, outputGradient) = (random.Array(3 * 12), random.Array(3 * 12));
        AssertIsGradient(
            () => RandomValues.Project(outputGradient, ReferenceRotaryEmbedding.Forward(x, positions, frequencies)),
            (x, ReferenceRotaryEmbedding.Backward(outputGradient, positions, frequencies)));
    }

    [Test]
    public void Llama3ScalingKeepsBlendsAndDivides()
    {
        // Turns within 64 positions: 10.2 (above 4: kept), 1.02 (between 1 and 4: 0.6 % kept), 0.1 and 0.01 (below 1: divided).
        var kept = (64 * 0.1 / (2 * Math.PI) - 1) / 3;
        Assert.That(
            ReferenceRotaryEmbedding.Frequencies(8, 10000, new RotaryScaling.Llama3(8, 1, 4, 64)),
            Is.EqualTo(new[] { 1, kept * 0.1 + (1 - kept) * 0.1 / 8, 0.01 / 8, 0.001 / 8 }).Within(1e-16));
    }

    [Test]
    public void AttentionIsTheMeanOfVisibleValuesWhereQueriesAreZero()
    {
        // Two query heads on one key/value head; two queries at the end of three keys.
        var (output, logSumExp) = ReferenceAttention.Forward(new double[4], [5, 6, 7], [1, 2, 6], 2, 1, 1, 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(new[] { 1.5, 1.5, 3, 3 }).Within(1e-15));
            Assert.That(logSumExp, Is.EqualTo(new[] { Math.Log(2), Math.Log(3), Math.Log(2), Math.Log(3) }).Within(1e-15));
        }
    }

    [Test]
    public void AttentionHeadsShareKeysAndValuesInConsecutiveGroups()
    {
        // Four query heads, two key/value heads, one token: the output is the value.
        var (output, _) = ReferenceAttention.Forward(new double[4], [0, 0], [1, 2], 4, 2, 1, 1);
        Assert.That(output, Is.EqualTo(new double[] { 1, 1, 2, 2 }));
    }

    [TestCase(4, 2, 5, 5)]
    [TestCase(3, 1, 2, 6)]
    [TestCase(2, 2, 1, 1)]
    public void AttentionBackwardIsTheGradient(int headCount, int keyValueHeadCount, int queries, int keys)
    {
        const int headDimension = 6;
        const double scale = 0.7;
        var (query, outputGradient) = (random.Array(queries * headCount * headDimension), random.Array(queries * headCount * headDimension));
        var (key, value) = (random.Array(keys * keyValueHeadCount * headDimension), random.Array(keys * keyValueHeadCount * headDimension));
        var gradients = ReferenceAttention.Backward(outputGradient, query, key, value, headCount, keyValueHeadCount, headDimension, scale);
        AssertIsGradient(
            () => RandomValues.Project(
                outputGradient, ReferenceAttention.Forward(query, key, value, headCount, keyValueHeadCount, headDimension, scale).Output),
            (query, gradients.Query), (key, gradients.Key), (value, gradients.Value));
    }

    [Test]
    public void SwiGluGatesWithSilu()
    {
        Assert.That(ReferenceSwiGlu.Forward([0, Math.Log(3), -1000], [5, 2, 7]), Is.EqualTo(new[] { 0, 1.5 * Math.Log(3), 0 }).Within(1e-15));
    }

    [Test]
    public void SwiGluBackwardIsTheGradient()
    {
        var (gate, up, outputGradient) = (random.Array(9, 3), random.Array(9), random.Array(9));
        var gradients = ReferenceSwiGlu.Backward(outputGradient, gate, up);
        AssertIsGradient(
            () => RandomValues.Project(outputGradient, ReferenceSwiGlu.Forward(gate, up)), (gate, gradients.Gate), (up, gradients.Up));
    }

    [Test]
    public void TokenLossGradientHoldsTheWeightConstant([Values] LossType type)
    {
        const int vocabulary = 5;
        int[] targets = [2, 0, 4];
        double[] tokenWeights = [1, 0.5, 2];
        var loss = new ReferenceLoss { Type = type, Exponent = 0.5, MinWeight = 0.2, EntropyTopK = 3, EosWeight = 0.3, EosTokenIds = [4] };
        var logits = random.Array(targets.Length * vocabulary, 3);
        var frozen = random.Array(targets.Length * vocabulary, 3);
        var result = Run();
        AssertIsGradient(
            () =>
            {
                var moved = Run();
                return (moved.Penalties.Sum() - RandomValues.Project(result.Weights, moved.LogProbabilities)) / 7;
            },
            (logits, result.LogitGradients));

        ReferenceTokenLossResult Run() => ReferenceTokenLoss.Run(logits, targets, tokenWeights, loss, 7, frozen);
    }

    [Test]
    public void TheDivergenceIsOfTheFrozenModelFromThisOne()
    {
        // q = (1/4, 3/4) frozen, p = (1/2, 1/2): KL(q ‖ p) = Σ q ln (q / p); the data's factor is on it, eos_weight is not.
        var divergence = (0.25 * Math.Log(0.5)) + (0.75 * Math.Log(1.5));
        var loss = new ReferenceLoss { Type = LossType.Asft, DivergenceFactor = 0.2, EosWeight = 5, EosTokenIds = [1] };
        var result = ReferenceTokenLoss.Run([0, 0, 0, 0], [0, 1], [1, 3], loss, 1, [0, Math.Log(3), 0, Math.Log(3)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Penalties, Is.EqualTo(new[] { 0.2 * divergence, 0.6 * divergence }).Within(1e-15));
            Assert.That(result.Weights, Is.EqualTo(new[] { 0.5, 15 }).Within(1e-15));
            Assert.That(result.LogitGradients, Is.EqualTo(new[] { -0.25 + (0.2 * 0.25), 0.25 - (0.2 * 0.25), 7.5 + (0.6 * 0.25), -7.5 - (0.6 * 0.25) }).Within(1e-15));
            Assert.That(() => ReferenceTokenLoss.Run([0, 0], [0], [1], loss, 1), Throws.ArgumentException.With.Message.Contains("frozen"));
        }
    }

    [Test]
    public void EntropyIsOfTheLikeliestTokensAndDividedByThree()
    {
        // The two largest are 3/4 and 1/4 of their sum, whatever the third.
        double[] logits = [0, -7, Math.Log(3)];
        var entropy = -(0.75 * Math.Log(0.75)) - (0.25 * Math.Log(0.25));
        double Weight(int k, double exponent) => ReferenceTokenLoss.Run(
            logits, [1], [1], new ReferenceLoss { Type = LossType.Eaft, EntropyTopK = k, EntropyExponent = exponent }, 1).Weights[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Weight(2, 1), Is.EqualTo(entropy / 3).Within(1e-15));
            Assert.That(Weight(2, 0.5), Is.EqualTo(Math.Sqrt(entropy / 3)).Within(1e-15));
            Assert.That(Weight(2, 0), Is.EqualTo(1));
            Assert.That(Weight(20, 1), Is.GreaterThan(entropy / 3).And.EqualTo(Weight(3, 1)));
        }
    }

    [Test]
    public void TokenLossWeightsFollowTheMethod()
    {
        // p = 1/4, 3/4, 1/4 and 1/4; the last target ends the sequence.
        double[] logits = [0, Math.Log(3), 0, Math.Log(3), 0, Math.Log(3), 0, Math.Log(3)];
        int[] targets = [0, 1, 0, 0];
        double[] Weights(ReferenceLoss loss) => ReferenceTokenLoss.Run(logits, targets, [1, 1, 2, 1], loss, 1).Weights;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Weights(new() { Type = LossType.Sft }), Is.EqualTo(new[] { 1.0, 1, 2, 1 }));
            Assert.That(Weights(new()), Is.EqualTo(new[] { 0.25, 0.75, 0.5, 0.25 }).Within(1e-15));
            Assert.That(Weights(new() { Exponent = 0.5 }), Is.EqualTo(new[] { 0.5, Math.Sqrt(0.75), 1, 0.5 }).Within(1e-15));
            Assert.That(Weights(new() { Type = LossType.Focal, FocalGamma = 2 }), Is.EqualTo(new[] { 0.5625, 0.0625, 1.125, 0.5625 }).Within(1e-15));
            Assert.That(Weights(new() { MinWeight = 0.6 }), Is.EqualTo(new[] { 0.6, 0.75, 1.2, 0.6 }).Within(1e-15));
            Assert.That(Weights(new() { MinWeight = 0.6, EosWeight = 0.1, EosTokenIds = [0] }), Is.EqualTo(new[] { 0.1, 0.75, 0.2, 0.1 }).Within(1e-15));
            Assert.That(Weights(new() { Type = LossType.Sft, EosWeight = 3, EosTokenIds = [1] }), Is.EqualTo(new[] { 1.0, 3, 2, 1 }));
            Assert.That(ReferenceTokenLoss.Run(logits, targets, [1, 1, 1, 1], new(), 1).IsCorrect, Is.EqualTo(new[] { false, true, false, false }));
        }
    }

    [Test]
    public void TokenLossKeepsItsDigitsAtTheEnds()
    {
        // e^−40 is far below fp64's resolution at 1, and e^−2000 below its range.
        var sure = ReferenceTokenLoss.Run([40, 0], [0], [1], new ReferenceLoss { Type = LossType.Sft }, 1);
        var hopeless = ReferenceTokenLoss.Run([0, 2000], [0], [1], new ReferenceLoss { Type = LossType.Sft }, 1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sure.LogitGradients[0], Is.EqualTo(-Math.Exp(-40)).Within(1e-12).Percent);
            Assert.That(hopeless.LogProbabilities[0], Is.EqualTo(-2000));
            Assert.That(hopeless.LogitGradients, Is.EqualTo(new double[] { -1, 1 }));
        }
    }

    [TestCase(-1)]
    [TestCase(2)]
    public void TokenLossRefusesATargetOutsideTheVocabulary(int target) =>
        Assert.That(() => ReferenceTokenLoss.Run([0, 0, 0, 0], [0, target], [1, 1], new ReferenceLoss(), 1), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void ClippingUsesTheRootOfTheSumOverAllTensors()
    {
        double[][] gradients = [[3], [4, 0]];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ReferenceAdamW.ClipByGlobalNorm(gradients, 0), Is.EqualTo(5));
            Assert.That(ReferenceAdamW.ClipByGlobalNorm(gradients, 6), Is.EqualTo(5));
            Assert.That(gradients, Is.EqualTo(new double[][] { [3], [4, 0] }), "below the limit, or without one, nothing changes");
            Assert.That(ReferenceAdamW.ClipByGlobalNorm(gradients, 2.5), Is.EqualTo(5));
            Assert.That(gradients[1][0], Is.EqualTo(4 * 2.5 / (5 + 1e-6)).Within(1e-15));
        }
    }

    private static void AssertIsGradient(Func<double> function, params (double[] X, double[] Gradient)[] cases)
    {
        foreach (var (x, gradient) in cases)
            Assert.That(RelativeError.Of(FiniteDifference.Gradient(function, x), gradient), Is.LessThanOrEqualTo(FiniteDifference.Tolerance));
    }
}
