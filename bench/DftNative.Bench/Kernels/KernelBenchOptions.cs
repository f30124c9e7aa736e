using System.Globalization;

namespace DftNative.Bench.Kernels;

/// <summary>The command line of <c>bench kernels</c>.</summary>
internal sealed record KernelBenchOptions
{
    /// <summary>The usage line.</summary>
    public const string Usage =
        "kernels [--verify] [--shapes MODEL,…] [--filter TEXT] [--tokens N] [--device cuda|cpu] [--json OUT]";

    /// <summary>Whether only the checks run, at reduced shapes.</summary>
    public bool Verify { get; private init; }

    /// <summary>Models.</summary>
    public IReadOnlyList<string> Shapes { get; private init; } = [.. BenchModels.All.Select(model => model.Name), KernelCases.ArenaName];

    /// <summary>What a row's name must contain.</summary>
    public string Filter { get; private init; } = "";

    /// <summary>Rows of a micro-batch.</summary>
    public int? Tokens { get; private init; }

    /// <summary>cuda, or cpu for checks alone.</summary>
    public string Device { get; private init; } = "cuda";

    /// <summary>Where the rows go as JSON, or null.</summary>
    public string? JsonPath { get; private init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="DftNativeException">One is unknown or wrong; exit code 2.</exception>
    public static KernelBenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new KernelBenchOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var name = arguments[i];
            if (name == "--verify")
            {
                options = options with { Verify = true };
                continue;
            }

            if (i + 1 == arguments.Length) throw Wrong($"{name}: unknown, or without its value");
            var value = arguments[++i];
            options = name switch
            {
                "--shapes" => options with { Shapes = ParseShapes(value) },
                "--filter" => options with { Filter = value },
                "--tokens" => options with { Tokens = ParseTokens(value) },
                "--device" => options with { Device = value is "cuda" or "cpu" ? value : throw Wrong($"--device: '{value}' is not cuda or cpu") },
                "--json" => options with { JsonPath = value },
                _ => throw Wrong($"{name}: unknown"),
            };
        }

        return options.Device == "cpu" && !options.Verify ? throw Wrong("--device cpu: only with --verify, the CPU's kernels are not timed") : options;
    }

    private static string[] ParseShapes(string value)
    {
        var known = new KernelBenchOptions().Shapes;
        var names = value.Split(',');
        var unknown = names.Except(known).FirstOrDefault();
        return unknown is null ? names : throw Wrong($"--shapes: '{unknown}' is not one of {string.Join(", ", known)}");
    }

    private static int ParseTokens(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) && tokens > 0 ? tokens : throw Wrong($"--tokens: '{value}' is not a number above 0");

    private static DftNativeException Wrong(string message) => new(ExitCode.Usage, $"{message}; usage: bench {Usage}");
}
