using DftNative.Backends;

namespace DftNative.Tests.Cuda;

/// <summary>
/// Attention in fp64, a query and a key at a time, and with each result how far a bf16 kernel may be from it. A bf16 kernel
/// rounds three things to bf16, each to within 2^-8 of itself: the probabilities before they multiply the values, the
/// gradients of the scores before they multiply queries and keys, and what it writes. Their effect is at most 2^-8 times
/// the sums below with every term made positive. fp32 sums and the approximate exp2 add some 1e-5 of that, for which 2^-13
/// is allowed.
/// </summary>
internal sealed class AttentionReference
{
    private const double Rounding = (1.0 / 256) + (1.0 / 8192);

    private readonly AttentionShape shape;
    private readonly int queryWidth;
    private readonly int keyWidth;

    /// <summary>Forward over every range; what no range covers stays NaN.</summary>
    /// <param name="query">[Tq, heads · headDimension].</param>
    /// <param name="key">[Tk, kvHeads · headDimension].</param>
    /// <param name="value">[Tk, kvHeads · headDimension].</param>
    /// <param name="ranges">Ranges.</param>
    /// <param name="shape">Heads and scale.</param>
    public AttentionReference(double[] query, double[] key, double[] value, AttentionRange[] ranges, AttentionShape shape)
    {
        this.shape = shape;
        queryWidth = shape.HeadCount * shape.HeadDimension;
        keyWidth = shape.KeyValueHeadCount * shape.HeadDimension;
        QueryCount = query.Length / queryWidth;
        Output = NotANumber(query.Length);
        OutputBound = NotANumber(query.Length);
        LogSumExp = NotANumber(shape.HeadCount * QueryCount);
        foreach (var range in ranges)
        {
            for (var head = 0; head < shape.HeadCount; head++)
            {
                for (var i = 0; i < range.QueryCount; i++)
                {
                    var (probabilities, logSumExp) = Probabilities(query, key, range, head, i);
                    LogSumExp[(head * QueryCount) + range.QueryStart + i] = logSumExp;
                    var place = Place(range.QueryStart + i, head);
                    for (var c = 0; c < shape.HeadDimension; c++)
                    {
                        var (sum, magnitude) = (0.0, 0.0);
                        for (var j = 0; j < probabilities.Length; j++)
                        {
                            var term = probabilities[j] * value[KeyPlace(range.KeyStart + j, head) + c];
                            sum += term;
                            magnitude += Math.Abs(term);
                        }

                        Output[place + c] = sum;
                        OutputBound[place + c] = Rounding * (magnitude + Math.Abs(sum));
                    }
                }
            }
        }
    }

    /// <summary>Query rows.</summary>
    public int QueryCount { get; }

    /// <summary>[Tq, heads · headDimension].</summary>
    public double[] Output { get; }

    /// <summary>The largest error of each output.</summary>
    public double[] OutputBound { get; }

    /// <summary>[heads, Tq].</summary>
    public double[] LogSumExp { get; }

    /// <summary>
    /// Gradients of q, k and v with their bounds, of ranges whose queries and keys are the same rows. The output that the
    /// kernel was given counts, with its rounding, since what is tested is what is made of it.
    /// </summary>
    /// <param name="outputGradient">[T, heads · headDimension].</param>
    /// <param name="output">[T, heads · headDimension], as the kernel was given it.</param>
    /// <param name="query">As in forward.</param>
    /// <param name="key">As in forward.</param>
    /// <param name="value">As in forward.</param>
    /// <param name="ranges">As in forward.</param>
    public AttentionGradients Backward(
        double[] outputGradient, double[] output, double[] query, double[] key, double[] value, AttentionRange[] ranges)
    {
        const double fp32 = 1e-5;
        var result = new AttentionGradients(
            Gradient.NotANumber(query.Length), Gradient.NotANumber(key.Length), Gradient.NotANumber(value.Length));
        foreach (var range in ranges)
        {
            for (var head = 0; head < shape.HeadCount; head++)
            {
                for (var i = 0; i < range.QueryCount; i++)
                {
                    var (probabilities, _) = Probabilities(query, key, range, head, i);
                    var q = Place(range.QueryStart + i, head);
                    var (delta, deltaMagnitude) = (0.0, 0.0);
                    for (var c = 0; c < shape.HeadDimension; c++)
                    {
                        delta += outputGradient[q + c] * output[q + c];
                        deltaMagnitude += Math.Abs(outputGradient[q + c] * output[q + c]);
                    }

                    for (var j = 0; j < probabilities.Length; j++)
                    {
                        var k = KeyPlace(range.KeyStart + j, head);
                        var (product, magnitude) = (0.0, deltaMagnitude);
                        for (var c = 0; c < shape.HeadDimension; c++)
                        {
                            product += outputGradient[q + c] * value[k + c];
                            magnitude += Math.Abs(outputGradient[q + c] * value[k + c]);
                        }

                        var scoreGradient = shape.Scale * probabilities[j] * (product - delta);
                        var scoreError = (Rounding * Math.Abs(scoreGradient)) + (fp32 * shape.Scale * probabilities[j] * magnitude);
                        for (var c = 0; c < shape.HeadDimension; c++)
                        {
                            result.Value.Add(k + c, probabilities[j] * outputGradient[q + c], Rounding * Math.Abs(probabilities[j] * outputGradient[q + c]));
                            result.Query.Add(q + c, scoreGradient * key[k + c], scoreError * Math.Abs(key[k + c]));
                            result.Key.Add(k + c, scoreGradient * query[q + c], scoreError * Math.Abs(query[q + c]));
                        }
                    }
                }
            }
        }

        foreach (var gradient in (Gradient[])[result.Query, result.Key, result.Value]) gradient.AddResultRounding(Rounding);
        return result;
    }

    private static double[] NotANumber(int length)
    {
        var values = new double[length];
        Array.Fill(values, double.NaN);
        return values;
    }

    private int Place(int row, int head) => (row * queryWidth) + (head * shape.HeadDimension);

    private int KeyPlace(int row, int head) =>
        (row * keyWidth) + (head / (shape.HeadCount / shape.KeyValueHeadCount) * shape.HeadDimension);

    private (double[] Probabilities, double LogSumExp) Probabilities(double[] query, double[] key, AttentionRange range, int head, int i)
    {
        var scores = new double[range.KeyCount - range.QueryCount + i + 1];
        for (var j = 0; j < scores.Length; j++)
        {
            for (var c = 0; c < shape.HeadDimension; c++)
                scores[j] += shape.Scale * query[Place(range.QueryStart + i, head) + c] * key[KeyPlace(range.KeyStart + j, head) + c];
        }

        var max = scores.Max();
        var sum = scores.Sum(score => Math.Exp(score - max));
        return ([.. scores.Select(score => Math.Exp(score - max) / sum)], max + Math.Log(sum));
    }
}
