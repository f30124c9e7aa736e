namespace DftNative.Reference;

/// <summary>
/// Causal grouped-query attention over one document in fp64 (Vaswani et al. 2017, Ainslie et al. 2023), written with the
/// whole row of probabilities in sight. Queries and keys are aligned at the end: query i sees the first
/// keys − queries + i + 1 keys; in training there are as many of each.
/// </summary>
public static class ReferenceAttention
{
    /// <summary>output = softmax(scale·q·kᵀ)·v; query head h reads key/value head h / (headCount / keyValueHeadCount).</summary>
    /// <param name="query">[queries, headCount·headDimension], row-major.</param>
    /// <param name="key">[keys, keyValueHeadCount·headDimension].</param>
    /// <param name="value">[keys, keyValueHeadCount·headDimension].</param>
    /// <param name="headCount">Query heads.</param>
    /// <param name="keyValueHeadCount">Key/value heads; divides headCount.</param>
    /// <param name="headDimension">Channels of a head.</param>
    /// <param name="scale">Factor on q·k, 1/√headDimension in every model here.</param>
    /// <returns>Output: [queries, headCount·headDimension]; LogSumExp: [headCount, queries], log Σ exp(scale·q·k) over the visible keys.</returns>
    public static (double[] Output, double[] LogSumExp) Forward(
        double[] query, double[] key, double[] value, int headCount, int keyValueHeadCount, int headDimension, double scale)
    {
        var sizes = new Sizes(query, key, headCount, keyValueHeadCount, headDimension);
        var output = new double[query.Length];
        var logSumExp = new double[headCount * sizes.Queries];
        ReferenceMath.ForEach(headCount * sizes.Queries, key.Length / keyValueHeadCount, item =>
        {
            int head = item / sizes.Queries, i = item % sizes.Queries;
            (var probabilities, logSumExp[item]) = Probabilities(query, key, head, i, sizes, scale);
            for (var j = 0; j < probabilities.Length; j++)
                ReferenceMath.AddScaled(probabilities[j], sizes.KeyValueRow(value, j, head), sizes.QueryRow(output, i, head));
        });
        return (output, logSumExp);
    }

    /// <summary>Gradients of q, k and v.</summary>
    /// <param name="outputGradient">[queries, headCount·headDimension].</param>
    /// <param name="query">As in forward.</param>
    /// <param name="key">As in forward.</param>
    /// <param name="value">As in forward.</param>
    /// <param name="headCount">Query heads.</param>
    /// <param name="keyValueHeadCount">Key/value heads.</param>
    /// <param name="headDimension">Channels of a head.</param>
    /// <param name="scale">As in forward.</param>
    /// <returns>In the shapes of q, k and v.</returns>
    public static (double[] Query, double[] Key, double[] Value) Backward(
        double[] outputGradient, double[] query, double[] key, double[] value, int headCount, int keyValueHeadCount, int headDimension, double scale)
    {
        var sizes = new Sizes(query, key, headCount, keyValueHeadCount, headDimension);
        var (queryGradient, keyGradient, valueGradient) = (new double[query.Length], new double[key.Length], new double[value.Length]);
        // One key/value head at a time, since its query heads all add to the same key and value gradients.
        ReferenceMath.ForEach(keyValueHeadCount, (long)query.Length * sizes.Keys, keyValueHead =>
        {
            for (var head = keyValueHead * sizes.Group; head < (keyValueHead + 1) * sizes.Group; head++)
            {
                for (var i = 0; i < sizes.Queries; i++)
                {
                    var (probabilities, _) = Probabilities(query, key, head, i, sizes, scale);
                    var gradient = sizes.QueryRow(outputGradient, i, head);
                    var probabilityGradients = new double[probabilities.Length];
                    var mean = 0.0;
                    for (var j = 0; j < probabilities.Length; j++)
                    {
                        probabilityGradients[j] = ReferenceMath.Dot(gradient, sizes.KeyValueRow(value, j, head));
                        mean += probabilities[j] * probabilityGradients[j];
                        ReferenceMath.AddScaled(probabilities[j], gradient, sizes.KeyValueRow(valueGradient, j, head));
                    }

                    for (var j = 0; j < probabilities.Length; j++)
                    {
                        var scoreGradient = scale * probabilities[j] * (probabilityGradients[j] - mean);
                        ReferenceMath.AddScaled(scoreGradient, sizes.KeyValueRow(key, j, head), sizes.QueryRow(queryGradient, i, head));
                        ReferenceMath.AddScaled(scoreGradient, sizes.QueryRow(query, i, head), sizes.KeyValueRow(keyGradient, j, head));
                    }
                }
            }
        });
        return (queryGradient, keyGradient, valueGradient);
    }

    private static (double[] Probabilities, double LogSumExp) Probabilities(double[] query, double[] key, int head, int i, Sizes sizes, double scale)
    {
        var scores = new double[sizes.Keys - sizes.Queries + i + 1];
        for (var j = 0; j < scores.Length; j++)
            scores[j] = scale * ReferenceMath.Dot(sizes.QueryRow(query, i, head), sizes.KeyValueRow(key, j, head));
        var max = scores.Max();
        var sum = 0.0;
        for (var j = 0; j < scores.Length; j++) sum += scores[j] = Math.Exp(scores[j] - max);
        for (var j = 0; j < scores.Length; j++) scores[j] /= sum;
        return (scores, max + Math.Log(sum));
    }

    private readonly record struct Sizes(int Queries, int Keys, int HeadDimension, int HeadCount, int KeyValueHeadCount)
    {
        public Sizes(double[] query, double[] key, int headCount, int keyValueHeadCount, int headDimension)
            : this(query.Length / (headCount * headDimension), key.Length / (keyValueHeadCount * headDimension), headDimension, headCount, keyValueHeadCount)
        {
        }

        public int Group => HeadCount / KeyValueHeadCount;

        public Span<double> QueryRow(double[] x, int token, int head) => x.AsSpan((token * HeadCount + head) * HeadDimension, HeadDimension);

        public Span<double> KeyValueRow(double[] x, int token, int head) =>
            x.AsSpan((token * KeyValueHeadCount + head / Group) * HeadDimension, HeadDimension);
    }
}
