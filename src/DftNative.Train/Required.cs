using DftNative.Training;

namespace DftNative.Train;

/// <summary>Options that a command cannot do without.</summary>
internal static class Required
{
    /// <summary>Checks that each has a value, from wherever.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: names the missing ones.</exception>
    public static void Options(TrainingOptions options, params IReadOnlyList<string> names)
    {
        var missing = names.Where(name => OptionCatalog.Find(name).Get(options).Count == 0).Select(name => name == "output_dir" ? "--output" : "--" + name).ToList();
        if (missing.Count > 0) throw new DftNativeException(ExitCode.Usage, $"{string.Join(" and ", missing)} must be given");
    }
}
