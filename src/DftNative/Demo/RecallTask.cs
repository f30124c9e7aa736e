namespace DftNative.Demo;

/// <summary>
/// Memorising random pairs, a toy of factual recall, where the paper reports that DFT loses (Natural Questions, Wu et al.
/// 2025, arXiv 2508.05629): what the model finds unlikely at first is right, and DFT's weight is that small probability.
/// Everything is a function of the seed, the same on every machine.
/// </summary>
public sealed class RecallTask
{
    private const ulong FactStream = ulong.MaxValue;

    private readonly ulong seed;

    /// <summary>Draws the facts, each of a key of its own.</summary>
    /// <param name="seed">Which facts, and the order of demonstrations.</param>
    /// <param name="factCount">Facts to be learnt, in [1, 400]; the demo's model learns 64 by heart in 400 steps of 32 with sft, and not 128.</param>
    public RecallTask(ulong seed, int factCount)
    {
        const int largest = RecallFact.NumberLimit * 2 / 5;
        ArgumentOutOfRangeException.ThrowIfLessThan(factCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factCount, largest);
        this.seed = seed;
        var random = new RandomStream(seed, FactStream);
        var (drawn, keys) = (new List<RecallFact>(2 * factCount), new HashSet<int>());
        while (drawn.Count < 2 * factCount)
        {
            var key = random.Next(RecallFact.NumberLimit);
            if (keys.Add(key)) drawn.Add(new RecallFact(key, random.Next(RecallFact.NumberLimit)));
        }

        (TrainingFacts, TestFacts) = (drawn[..factCount], drawn[factCount..]);
    }

    /// <summary>The facts that training shows. Recall is measured on them: there is nothing else to know.</summary>
    public IReadOnlyList<RecallFact> TrainingFacts { get; }

    /// <summary>As many facts of other keys that training never shows. No one can know them: a model that does better than one in a thousand has seen them.</summary>
    public IReadOnlyList<RecallFact> TestFacts { get; }

    /// <summary>The first demonstrations: pass after pass over the training facts, each in another order.</summary>
    public IEnumerable<RecallFact> Demonstrate(int count)
    {
        var order = Enumerable.Range(0, TrainingFacts.Count).ToArray();
        for (var index = 0; index < count; index++)
        {
            var place = index % order.Length;
            if (place == 0) Shuffle(order, pass: index / order.Length);
            yield return TrainingFacts[order[place]];
        }
    }

    /// <summary>Fisher and Yates.</summary>
    private void Shuffle(int[] order, int pass)
    {
        var random = new RandomStream(seed, (ulong)pass);
        for (var last = order.Length - 1; last > 0; last--)
        {
            var other = random.Next(last + 1);
            (order[last], order[other]) = (order[other], order[last]);
        }
    }
}
