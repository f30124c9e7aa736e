using System.CommandLine;
using System.CommandLine.Parsing;
using DftNative.Training;

namespace DftNative.Train;

/// <summary>A run's options from its preset, its YAML file (<c>--config</c>) and the command line, of which each goes before the one that is named earlier.</summary>
internal sealed class ConfiguredOptions
{
    private readonly Option<string> config;
    private readonly CatalogOptions catalog;

    private ConfiguredOptions(Option<string> config, CatalogOptions catalog) => (this.config, this.catalog) = (config, catalog);

    /// <summary>Adds <c>--config</c> and the named options to a command.</summary>
    /// <param name="command">Added to.</param>
    /// <param name="description">What the file is.</param>
    /// <param name="names">Keys of the catalogue, <c>preset</c> among them; none: all.</param>
    public static ConfiguredOptions AddTo(Command command, string description, params IReadOnlyCollection<string> names)
    {
        var config = new Option<string>("--config") { Description = description, HelpName = "FILE" };
        command.Add(config);
        return new ConfiguredOptions(config, CatalogOptions.AddTo(command, names));
    }

    /// <summary>Reads them; what belongs together is not checked.</summary>
    /// <param name="parseResult">The command line.</param>
    /// <param name="createDefaults">What they are without any of the three.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the file, a key or a value.</exception>
    public TrainingOptions Read(ParseResult parseResult, Func<TrainingOptions> createDefaults)
    {
        var options = Apply(parseResult, createDefaults());
        if (options.Preset is not { } preset) return options;
        // A preset comes before the file and the command line, and either may name it.
        var recipe = createDefaults();
        TrainingPresets.Apply(preset, recipe);
        return Apply(parseResult, recipe);
    }

    private TrainingOptions Apply(ParseResult parseResult, TrainingOptions options)
    {
        if (parseResult.GetValue(config) is { } path) TrainingOptionsFile.Read(path, options);
        catalog.Apply(parseResult, options);
        return options;
    }
}
