using System.Globalization;

namespace DftNative.Demo;

/// <summary>A number that stands for another one for no reason: a fact that can only be memorised.</summary>
/// <param name="Key">In [0, 10³).</param>
/// <param name="Value">In [0, 10³).</param>
public readonly record struct RecallFact(int Key, int Value)
{
    /// <summary>One more than the largest number.</summary>
    public const int NumberLimit = 1_000;

    /// <summary>What the model is asked: <c>482:</c>.</summary>
    public string Prompt => string.Create(CultureInfo.InvariantCulture, $"{Key:D3}:");

    /// <summary>What it is to say, and then to end.</summary>
    public string Answer => Value.ToString("D3", CultureInfo.InvariantCulture);

    /// <summary>Whether an answer is the fact's, to the character: there is nothing to work out and so nothing in between.</summary>
    public bool IsCorrect(string answer) => answer == Answer;
}
