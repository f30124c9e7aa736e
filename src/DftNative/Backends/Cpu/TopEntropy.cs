namespace DftNative.Backends.Cpu;

/// <summary>The entropy of the most likely tokens.</summary>
internal static unsafe class TopEntropy
{
    /// <summary>Entropy, in nats, of the softmax over the <paramref name="k"/> largest logits: −Σ q·ln q with q renormalised to 1.</summary>
    /// <param name="logits">[count]; where one is NaN so is log p, and the result says nothing.</param>
    /// <param name="count">The vocabulary.</param>
    /// <param name="k">How many; all where there are fewer.</param>
    /// <param name="largest">[min(k, count)] scratch.</param>
    public static double Of(float* logits, int count, int k, float* largest)
    {
        k = Math.Min(k, count);
        for (var i = 0; i < k; i++) largest[i] = logits[i];
        for (var i = (k / 2) - 1; i >= 0; i--) SiftDown(largest, k, i);
        for (var i = k; i < count; i++)
        {
            if (logits[i] <= largest[0]) continue;
            largest[0] = logits[i];
            SiftDown(largest, k, 0);
        }

        // The heap's order depends on the order of the logits, which is fixed; so are the sums.
        var max = largest[0];
        for (var i = 1; i < k; i++) max = MathF.Max(max, largest[i]);
        double sum = 0, moment = 0;
        for (var i = 0; i < k; i++)
        {
            var distance = (double)largest[i] - max;
            if (double.IsNegativeInfinity(distance)) continue;
            var power = Math.Exp(distance);
            sum += power;
            moment += power * distance;
        }

        return Math.Max(0, Math.Log(sum) - (moment / sum));
    }

    /// <summary>Restores the order of a heap whose root is its smallest below <paramref name="root"/>.</summary>
    private static void SiftDown(float* heap, int count, int root)
    {
        var value = heap[root];
        for (var child = (2 * root) + 1; child < count; child = (2 * root) + 1)
        {
            if (child + 1 < count && heap[child + 1] < heap[child]) child++;
            if (value <= heap[child]) break;
            heap[root] = heap[child];
            root = child;
        }

        heap[root] = value;
    }
}
