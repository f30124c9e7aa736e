using System.CommandLine;
using System.CommandLine.Parsing;
using DftNative.Training;

namespace DftNative.Train;

/// <summary>Options of <see cref="OptionCatalog"/> as options of a command.</summary>
internal sealed class CatalogOptions
{
    private static readonly TrainingOptions Defaults = new();

    private readonly List<(string Key, Option<string[]> Option)> options = [];

    private CatalogOptions() { }

    /// <summary>Adds the named options to a command, and hidden ones for those that are planned.</summary>
    /// <param name="command">Added to.</param>
    /// <param name="names">Keys of the catalogue; none: all.</param>
    public static CatalogOptions AddTo(Command command, params IReadOnlyCollection<string> names)
    {
        var result = new CatalogOptions();
        foreach (var option in OptionCatalog.All)
        {
            if (names.Count > 0 && !names.Contains(option.Name)) continue;
            string[] aliases = option.Name == "output_dir" ? ["--output"] : [];
            result.Add(command, option.Name, new Option<string[]>("--" + option.Name, aliases)
            {
                Description = $"{option.Help} [{option.GetText(Defaults)}]",
                HelpName = option.ValueSyntax,
                AllowMultipleArgumentsPerToken = option.IsList,
                Arity = option.IsList ? ArgumentArity.OneOrMore : option.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
                CustomParser = ReadTokens,
            });
        }

        foreach (var key in OptionCatalog.PlannedKeys)
            result.Add(command, key, new Option<string[]>("--" + key) { Hidden = true, Arity = ArgumentArity.ExactlyOne, CustomParser = ReadTokens });
        return result;
    }

    /// <summary>Sets what the command line names.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: a value, or an unknown option among a list's values.</exception>
    public void Apply(ParseResult parseResult, TrainingOptions target)
    {
        foreach (var (key, option) in options)
        {
            if (parseResult.GetResult(option) is not { Implicit: false }) continue;
            var values = parseResult.GetValue(option) ?? [];
            if (values.Length == 0) values = [TrainingOption.SwitchedOn];
            // A list takes every token up to the next known option, a mistyped one included.
            if (option.AllowMultipleArgumentsPerToken && values.FirstOrDefault(value => value.StartsWith("--", StringComparison.Ordinal)) is { } unknown)
                throw CommandLine.UnknownOption(unknown, parseResult.CommandResult.Command);
            OptionCatalog.Set(target, key, values);
        }
    }

    private static string[] ReadTokens(ArgumentResult result) => [.. result.Tokens.Select(token => token.Value)];

    private void Add(Command command, string key, Option<string[]> option)
    {
        command.Add(option);
        options.Add((key, option));
    }
}
