using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace DftNative.Generation;

/// <summary>
/// Draws a token from logits. The result is a function of the logits, the options, the earlier tokens and a uniform
/// number; nothing is sorted: what top-k and top-p keep is found by selection. For one thread at a time.
/// </summary>
public sealed class TokenSampler
{
    /// <summary>Weights are summed in blocks, so that a draw looks through one block and the blocks' sums.</summary>
    private const int Block = 1024;

    private const int MaximumBlock = 256;

    private readonly GenerationOptions options;
    private readonly float[] weights;
    private readonly double[] blockSums;
    private readonly ulong[] blockMaxima;
    private ulong[] candidates = [];

    /// <summary>A sampler with its scratch memory.</summary>
    /// <param name="options">How.</param>
    /// <param name="vocabularySize">Length of the logits.</param>
    public TokenSampler(GenerationOptions options, int vocabularySize)
    {
        this.options = options;
        weights = new float[vocabularySize];
        blockSums = new double[(vocabularySize + Block - 1) / Block];
        blockMaxima = new ulong[(vocabularySize + MaximumBlock - 1) / MaximumBlock];
    }

    /// <summary>Draws a token.</summary>
    /// <param name="logits">[vocabulary]; those of earlier tokens are changed where there is a repetition penalty.</param>
    /// <param name="earlierTokens">Distinct tokens of the prompt and of the sequence so far; not read without a repetition penalty.</param>
    /// <param name="uniform">In [0, 1).</param>
    /// <returns>The token, and its log p under the unchanged logits (0 unless the options keep it).</returns>
    /// <exception cref="DftNativeException"><see cref="ExitCode.NonFinite"/>: no logit is finite, or one is NaN or infinity.</exception>
    public DrawnToken Draw(Span<float> logits, IReadOnlyCollection<int> earlierTokens, double uniform)
    {
        var max = Max(logits);
        var logSumExp = options.KeepsLogProbabilities ? max + Math.Log(Weigh(logits, max, 1)) : 0;
        var penalizes = options.RepetitionPenalty != 1 && earlierTokens.Count > 0;
        if (!penalizes)
        {
            var token = Choose(logits, max, uniform);
            return new DrawnToken(token, options.KeepsLogProbabilities ? (float)(logits[token] - logSumExp) : 0);
        }

        // The log p is of the logits as they were, so the drawn token's penalty is taken back for it.
        var penalty = (float)options.RepetitionPenalty;
        foreach (var token in earlierTokens) logits[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
        var drawn = Choose(logits, Max(logits), uniform);
        if (!options.KeepsLogProbabilities) return new DrawnToken(drawn, 0);
        var logit = logits[drawn];
        if (earlierTokens.Contains(drawn)) logit = logit > 0 ? logit * penalty : logit / penalty;
        return new DrawnToken(drawn, (float)(logit - logSumExp));
    }

    private int Choose(ReadOnlySpan<float> logits, float max, double uniform)
    {
        if (options.Temperature == 0) return TensorPrimitives.IndexOfMax(logits);
        var total = Weigh(logits, max, options.Temperature);
        if (options.TopK > 0 || options.TopP < 1 || options.MinP > 0) total = Filter(total);
        return Invert(uniform * total);
    }

    private static float Max(ReadOnlySpan<float> logits)
    {
        var max = TensorPrimitives.Max(logits);
        return float.IsFinite(max) ? max : throw new DftNativeException(ExitCode.NonFinite, "the model's logits are not finite: its weights are damaged, or overflowed in training");
    }

    /// <summary>weights = e^((logits − max)/temperature), the largest of them 1.</summary>
    /// <returns>Their sum, added in the order of the tokens within blocks and of the blocks.</returns>
    private double Weigh(ReadOnlySpan<float> logits, float max, double temperature)
    {
        TensorPrimitives.Subtract(logits, max, weights);
        if (temperature != 1) TensorPrimitives.Multiply(weights, (float)Math.Min(1 / temperature, float.MaxValue), weights);
        TensorPrimitives.Exp<float>(weights, weights);
        return SumBlocks();
    }

    private double SumBlocks()
    {
        var total = 0.0;
        for (var block = 0; block < blockSums.Length; block++)
        {
            blockSums[block] = TensorPrimitives.Sum<float>(weights.AsSpan(block * Block, Math.Min(Block, weights.Length - (block * Block))));
            total += blockSums[block];
        }

        return total;
    }

    /// <summary>The first token up to which the weights sum to more than <paramref name="threshold"/>.</summary>
    private int Invert(double threshold)
    {
        var sum = 0.0;
        var block = 0;
        while (block < blockSums.Length - 1 && sum + blockSums[block] <= threshold) sum += blockSums[block++];

        // A block's own sum is rounded otherwise than the sum along it: past its end the last token with a weight is meant.
        var last = -1;
        for (var token = block * Block; token < Math.Min(weights.Length, (block + 1) * Block); token++)
        {
            if (weights[token] == 0) continue;
            last = token;
            sum += weights[token];
            if (sum > threshold) return token;
        }

        return last >= 0 ? last : TensorPrimitives.IndexOfMax<float>(weights);
    }

    /// <summary>Sets the weights of the tokens to zero that top-k, top-p and min-p leave out.</summary>
    /// <returns>The sum of the rest.</returns>
    private double Filter(double total)
    {
        var limit = options.TopK > 0 ? Math.Min(options.TopK, weights.Length) : weights.Length;
        var count = Collect(Floor(total, limit));
        var kept = candidates.AsSpan(0, count);
        if (limit < kept.Length) kept = kept[..TokenSelection.Largest(kept, limit)];
        if (options.TopP < 1)
        {
            var mass = limit < weights.Length ? TokenSelection.Mass(kept) : total;
            kept = kept[..TokenSelection.LargestWithMass(kept, options.TopP * mass)];
        }

        Array.Clear(weights);
        foreach (var candidate in kept)
        {
            // The largest weight is 1, so that a weight is the share that min-p asks for.
            var weight = TokenSelection.Weight(candidate);
            if (weight >= options.MinP) weights[TokenSelection.Token(candidate)] = weight;
        }

        return SumBlocks();
    }

    /// <summary>A weight below which no token is kept, so that few are looked at.</summary>
    private float Floor(double total, int limit)
    {
        // Tokens below this have together less than the probability that top-p leaves out.
        if (limit == weights.Length) return options.TopP < 1 ? (float)((1 - options.TopP) * total / weights.Length * (1 - 1e-6)) : (float)options.MinP;
        if (limit > blockMaxima.Length) return 0;

        // As many blocks as tokens are wanted have their largest weight at or above this.
        for (var block = 0; block < blockMaxima.Length; block++)
        {
            var start = block * MaximumBlock;
            blockMaxima[block] = TokenSelection.Candidate(block, TensorPrimitives.Max<float>(weights.AsSpan(start, Math.Min(MaximumBlock, weights.Length - start))));
        }

        TokenSelection.Largest(blockMaxima, limit);
        var least = ulong.MaxValue;
        foreach (var maximum in blockMaxima.AsSpan(0, limit)) least = Math.Min(least, maximum);
        return TokenSelection.Weight(least);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Collect(float floor)
    {
        if (candidates.Length == 0) candidates = new ulong[weights.Length];
        var count = 0;
        for (var token = 0; token < weights.Length; token++)
        {
            candidates[count] = TokenSelection.Candidate(token, weights[token]);
            if (weights[token] >= floor) count++;
        }

        return count;
    }
}
