namespace DftNative.Tokenizers;

/// <summary>A set of code points: a bit each in the Basic Multilingual Plane, the rule itself beyond.</summary>
internal sealed class CodePointSet
{
    private readonly ulong[] basicPlane = new ulong[0x10000 / 64];
    private readonly Func<int, bool> rule;

    /// <summary>Makes the set of the code points that a rule accepts.</summary>
    public CodePointSet(Func<int, bool> rule)
    {
        this.rule = rule;
        for (var code = 0; code < 0x10000; code++)
            if (rule(code)) basicPlane[code >> 6] |= 1UL << code;
    }

    /// <summary>Whether the code point is in the set.</summary>
    public bool Contains(int code) => code < 0x10000 ? (basicPlane[code >> 6] >> code & 1) != 0 : rule(code);
}
