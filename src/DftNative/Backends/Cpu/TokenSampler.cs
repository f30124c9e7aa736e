using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DftNative.Backends.Cpu;

/// <summary>
/// Draws a token from logits. The result is a function of the logits, the options, the earlier tokens and random bits,
/// and decided by whole numbers: on a GPU it is the same to the bit. Nothing is sorted: what top-k and top-p keep is
/// found by selection. For one thread at a time.
/// </summary>
internal sealed unsafe class TokenSampler
{
    /// <summary>Weights are summed in blocks, so that a draw looks through one block and the blocks' sums.</summary>
    private const int Block = 1024;

    private const int MaximumBlock = 256;

    private float[] weights = [];
    private ulong[] blockSums = [];
    private ulong[] blockMaxima = [];
    private ulong[] candidates = [];

    /// <summary>Draws a token.</summary>
    /// <param name="logits">[vocabulary].</param>
    /// <param name="options">How.</param>
    /// <param name="earlierTokens">Distinct tokens of the prompt and of the sequence so far; not read without a repetition penalty.</param>
    /// <param name="random">64 random bits.</param>
    public TokenDraw Draw(ReadOnlySpan<float> logits, TokenSampling options, ReadOnlySpan<int> earlierTokens, ulong random)
    {
        Reserve(logits.Length);
        fixed (float* z = logits, own = weights)
        {
            var largest = SimdMath.Max(z, logits.Length);
            if (!float.IsFinite(largest)) return TokenDraw.NotFinite;
            var units = options.KeepsLogProbabilities ? Weigh(z, logits.Length, largest, 1, own) : 0;
            var token = !options.Penalizes ? Choose(z, logits.Length, largest, options, random, own) : ChoosePenalized(logits, options, earlierTokens, random, own);
            return token < 0 ? TokenDraw.NotFinite : new TokenDraw(units, largest, z[token], token, 0);
        }
    }

    private void Reserve(int vocabulary)
    {
        var blocks = (vocabulary + Block - 1) / Block;
        if (blockSums.Length == blocks) return;
        weights = new float[blocks * Block];
        blockSums = new ulong[blocks];
        blockMaxima = new ulong[blocks * (Block / MaximumBlock)];
        candidates = [];
    }

    private int ChoosePenalized(ReadOnlySpan<float> logits, TokenSampling options, ReadOnlySpan<int> earlierTokens, ulong random, float* own)
    {
        var penalty = (float)options.RepetitionPenalty;
        logits.CopyTo(weights);
        foreach (var token in earlierTokens) own[token] = logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty;
        var largest = SimdMath.Max(own, logits.Length);
        return float.IsFinite(largest) ? Choose(own, logits.Length, largest, options, random, own) : -1;
    }

    private int Choose(float* logits, int vocabulary, float largest, TokenSampling options, ulong random, float* own)
    {
        if (options.IsGreedy) return TensorPrimitives.IndexOfMax(new ReadOnlySpan<float>(logits, vocabulary));
        var total = Weigh(logits, vocabulary, largest, options.InverseTemperature, own);
        var least = Threshold(vocabulary, total, options);
        if (least > 0) total = Keep(least, own);
        return Invert(Math.BigMul(random, total, out _));
    }

    /// <summary>weights = e^((logits − largest)·inverseTemperature), 0 behind the vocabulary.</summary>
    /// <returns>Their sum in units.</returns>
    private ulong Weigh(float* logits, int vocabulary, float largest, float inverseTemperature, float* own) =>
        Fill(new Softmax(logits, vocabulary, Vector512.Create(largest), Vector512.Create(inverseTemperature)), own);

    /// <summary>Sets weights below the threshold to 0.</summary>
    /// <returns>The sum of the rest in units.</returns>
    private ulong Keep(float least, float* own) => Fill(new AtLeast(own, Vector512.Create(least)), own);

    /// <summary>Computes the weights, and their sums by block.</summary>
    /// <typeparam name="TRule">A struct, so that the loop is compiled for it.</typeparam>
    /// <returns>The sum of all in units.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Fill<TRule>(TRule rule, float* own)
        where TRule : struct, IWeightRule
    {
        var total = 0UL;
        for (var block = 0; block < blockSums.Length; block++)
        {
            var sum = Vector512<ulong>.Zero;
            for (var i = block * Block; i < (block + 1) * Block; i += SimdMath.Width)
            {
                var weight = rule.At(i);
                weight.Store(own + i);
                sum += TokenWeight.BiasedUnits(weight);
            }

            blockSums[block] = TokenWeight.WithoutBias(sum, Block / SimdMath.Width);
            total += blockSums[block];
        }

        return total;
    }

    /// <summary>The first token up to which the weights sum to more than <paramref name="threshold"/>, which is below their sum.</summary>
    private int Invert(ulong threshold)
    {
        var (sum, block) = (0UL, 0);
        while (sum + blockSums[block] <= threshold) sum += blockSums[block++];
        for (var token = block * Block; ; token++)
        {
            sum += TokenWeight.Units(weights[token]);
            if (sum > threshold) return token;
        }
    }

    /// <summary>The least weight that top-k, top-p and min-p leave; 0: all are left.</summary>
    private float Threshold(int vocabulary, ulong total, TokenSampling options)
    {
        var limit = options.TopK > 0 && options.TopK < vocabulary ? options.TopK : vocabulary;
        if (limit == vocabulary && options.TopP >= 1) return options.MinWeight;
        var count = Collect(vocabulary, limit < vocabulary ? FloorOfLargest(limit) : FloorOfMass(vocabulary, total, options.TopP));
        var kept = candidates.AsSpan(0, count);
        var least = 0f;
        if (limit < vocabulary)
        {
            TokenSelection.Largest(kept, limit);
            least = TokenSelection.LeastWeight(kept[..limit]);
        }

        if (options.TopP < 1)
        {
            if (limit < vocabulary)
            {
                kept = kept[..TokenSelection.AtLeast(kept, least)];
                total = TokenSelection.Units(kept);
            }

            least = TokenSelection.LeastWeight(kept[..TokenSelection.LargestWithUnits(kept, options.TopUnits(total))]);
        }

        return Math.Max(least, options.MinWeight);
    }

    /// <summary>A weight such that those below it have together less than half of what top-p leaves out.</summary>
    private static float FloorOfMass(int vocabulary, ulong total, double topP)
    {
        // So little is left out that roundings of the sum would matter: every token is looked at.
        if (1 - topP < 1e-9) return 0;
        return (float)Math.Max(0, ((0.5 * (1 - topP) * total / vocabulary) - 1) / TokenDraw.UnitsOfOne);
    }

    /// <summary>A weight that as many blocks as tokens are wanted reach.</summary>
    private float FloorOfLargest(int limit)
    {
        if (limit > blockMaxima.Length) return 0;
        for (var block = 0; block < blockMaxima.Length; block++)
            blockMaxima[block] = TokenSelection.Candidate(block, TensorPrimitives.Max<float>(weights.AsSpan(block * MaximumBlock, MaximumBlock)));

        TokenSelection.Largest(blockMaxima, limit);
        return TokenSelection.LeastWeight(blockMaxima.AsSpan(0, limit));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Collect(int vocabulary, float floor)
    {
        if (candidates.Length == 0) candidates = new ulong[weights.Length];
        var count = 0;
        for (var token = 0; token < vocabulary; token++)
        {
            candidates[count] = TokenSelection.Candidate(token, weights[token]);
            if (weights[token] >= floor) count++;
        }

        return count;
    }

    /// <summary>Weights of some neighbouring tokens.</summary>
    private interface IWeightRule
    {
        /// <summary>Those from a token on.</summary>
        Vector512<float> At(int first);
    }

    private readonly struct Softmax(float* logits, int vocabulary, Vector512<float> shift, Vector512<float> scale) : IWeightRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> At(int first) => TokenWeight.Of(
            first <= vocabulary - SimdMath.Width ? Vector512.Load(logits + first) : SimdMath.LoadPartial(logits + first, vocabulary - first, float.NegativeInfinity), shift, scale);
    }

    private readonly struct AtLeast(float* weights, Vector512<float> threshold) : IWeightRule
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> At(int first)
        {
            var weight = Vector512.Load(weights + first);
            return Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(weight, threshold), weight, Vector512<float>.Zero);
        }
    }
}
