using System.Globalization;

namespace DftNative.Demo;

/// <summary>A sum of two numbers of <see cref="ColumnCount"/> digits, the demo's task.</summary>
/// <param name="Left">In [0, 10⁴).</param>
/// <param name="Right">In [0, 10⁴).</param>
public readonly record struct AdditionProblem(int Left, int Right)
{
    /// <summary>Digits of each summand.</summary>
    public const int ColumnCount = 4;

    /// <summary>One more than the largest summand.</summary>
    public const int SummandLimit = 10_000;

    /// <summary>Of this many problems, one is held out.</summary>
    private const int HeldOutShare = 8;

    /// <summary>What the model is asked: <c>4827+1956=</c>, summands padded with zeros.</summary>
    public string Prompt => string.Create(CultureInfo.InvariantCulture, $"{Left:D4}+{Right:D4}=");

    /// <summary>The sum, of one digit more than the summands.</summary>
    public string Answer => (Left + Right).ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>
    /// Whether the problem is for evaluation only. It is a property of the problem itself, so that no seed and neither
    /// pretraining nor fine-tuning ever shows one to a model.
    /// </summary>
    public bool IsHeldOut => new RandomStream(0, (ulong)(Left * SummandLimit + Right)).Next(HeldOutShare) == 0;
}
