namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>A value for every variable, drawn from its name: the same in both answers, and in every run.</summary>
/// <param name="index">Which of the points.</param>
internal readonly struct SamplePoint(int index)
{
    /// <summary>A residue of a large prime.</summary>
    public ulong Residue(string name) => Hash(name) % (1UL << 60);

    /// <summary>A positive integer, the larger the later the point; at odd points a fraction for x, y and z, which are seldom integers.</summary>
    public Rational Discrete(string name)
    {
        var integer = new Rational(1 + (int)(Hash(name) % (ulong)(6 + 3 * index)));
        return (index & 1) == 1 && (name is "x" or "y" or "z") ? integer + new Rational(3, 7) : integer;
    }

    /// <summary>A real number: positive at even points, of either sign at odd ones, larger at later ones.</summary>
    public double Real(string name)
    {
        var hash = Hash(name);
        var magnitude = (0.31 + 2.3 * ((hash >> 12) * (1.0 / (1UL << 52)))) * Scale;
        return (index & 1) == 1 && (hash & 1) == 1 ? -magnitude : magnitude;
    }

    private double Scale => index < 6 ? 1.0 : index < 9 ? 4.0 : 17.0;

    private ulong Hash(string name)
    {
        // FNV-1a, then the finaliser of SplitMix64.
        var hash = 14695981039346656037UL ^ ((ulong)index * 0x9E3779B97F4A7C15UL);
        foreach (var letter in name) hash = (hash ^ letter) * 1099511628211UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);
    }
}
