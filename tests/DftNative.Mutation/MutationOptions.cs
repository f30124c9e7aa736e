using System.Globalization;

namespace DftNative.Mutation;

/// <summary>The command line.</summary>
/// <param name="Seed">Of the choice of mutants.</param>
/// <param name="Count">How many are tried.</param>
/// <param name="Files">Only files with this in their path; empty: all.</param>
internal sealed record MutationOptions(int Seed, int Count, string Files)
{
    /// <summary>How it is called.</summary>
    public const string Usage = "usage: bash tests/mutate.sh --seed S --count N [--files PART]";

    /// <summary>Null where the arguments are not understood.</summary>
    public static MutationOptions? Parse(string[] arguments)
    {
        var options = new MutationOptions(Seed: 1, Count: 50, Files: "");
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length) return null;
            var value = arguments[i + 1];
            var isNumber = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
            switch (arguments[i])
            {
                case "--seed" when isNumber: options = options with { Seed = number }; break;
                case "--count" when isNumber && number > 0: options = options with { Count = number }; break;
                case "--files": options = options with { Files = value }; break;
                default: return null;
            }
        }

        return options;
    }
}
