using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using DftNative.Cuda;
using DftNative.Train.Commands;
using DftNative.Training;

namespace DftNative.Train;

/// <summary>The commands, and what every one of them shares: spelling of options, errors, exit codes.</summary>
internal static class CommandLine
{
    /// <summary>SIGXFSZ of Linux and macOS.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    private const string OptionPrefix = "--";

    /// <summary>Parses and runs; every error ends here as a line on standard error and an <see cref="ExitCode"/>.</summary>
    public static int Run(string[] args)
    {
        using var fileTooLarge = IgnoreFileTooLarge();
        CudaProgramCache.Default.Warn = message => Console.Error.WriteLine($"warning: {message}");
        try
        {
            var root = CreateRoot();
            var parseResult = root.Parse(NormalizeOptionNames(root, args));
            if (parseResult.Action is ParseErrorAction) throw DescribeParseError(parseResult);
            return parseResult.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception exception)
        {
            return (int)ErrorReport.Write(exception, Console.Error);
        }
    }

    /// <summary>The error for an option that a command does not have: it names what takes its place, the commands that have it, or the nearest.</summary>
    internal static DftNativeException UnknownOption(string argument, Command command)
    {
        var name = argument.Split('=')[0];
        var key = Key(name);
        // Who asks for a batch means training's; other commands have one of their own.
        if (Has(command, "global_batch_size") && OptionCatalog.AdviceFor(key) is { } advice) return new DftNativeException(ExitCode.Usage, advice);
        string[] owners = [.. command.Parents.OfType<Command>().SelectMany(parent => parent.Subcommands).Where(other => !other.Hidden && Has(other, key)).Select(other => other.Name)];
        var suggestion = owners.Length > 0 ? $": it is one of {string.Join(", ", owners)}, and not of {command.Name}"
            : NearestName.Suggest(key, command.Options.Where(option => !option.Hidden).Select(option => Key(option.Name)), OptionPrefix);
        return new DftNativeException(ExitCode.Usage, $"unknown option '{name}'{(suggestion.Length > 0 ? suggestion : $"; try 'dftnative {NameOf(command)}--help'")}");
    }

    /// <summary>A write beyond the user's limit of a file's size (ulimit -f) is then an error that names the file; the signal would end the process without a word.</summary>
    private static PosixSignalRegistration? IgnoreFileTooLarge() =>
        OperatingSystem.IsWindows() ? null : PosixSignalRegistration.Create(FileTooLarge, context => context.Cancel = true);

    private static RootCommand CreateRoot() => new("DftNative: native full fine-tuning of language models with Dynamic Fine-Tuning (DFT).")
    {
        DemoCommand.Create(),
        PretrainDemoCommand.Create(),
        TrainCommand.Create(),
        CompareCommand.Create(),
        GenerateCommand.Create(),
        EvaluateCommand.Create(),
        AnalyzeCommand.Create(),
        ReportCommand.Create(),
        CheckGradientsCommand.Create(),
        TextCommands.CreateTokenize(),
        TextCommands.CreateInspectData(),
        PlanCommand.Create(),
        GradeCommand.Create(),
        DoctorCommand.Create(),
    };

    /// <summary>Options are written with underscores, as Hugging Face's are; hyphens are taken too.</summary>
    private static string[] NormalizeOptionNames(RootCommand root, string[] args)
    {
        var names = root.Subcommands.SelectMany(command => command.Options).Select(option => option.Name).ToHashSet(StringComparer.Ordinal);
        return [.. args.Select(Normalize)];

        string Normalize(string arg)
        {
            if (!arg.StartsWith("--", StringComparison.Ordinal)) return arg;
            var nameLength = arg.IndexOf('=') is var equals && equals < 0 ? arg.Length : equals;
            var name = arg[..nameLength];
            if (names.Contains(name)) return arg;
            var normalized = "--" + name[2..].Replace('-', '_');
            return names.Contains(normalized) ? normalized + arg[nameLength..] : arg;
        }
    }

    private static DftNativeException DescribeParseError(ParseResult parseResult)
    {
        var command = parseResult.CommandResult.Command;
        var unknown = parseResult.UnmatchedTokens.FirstOrDefault();
        if (unknown is null || (!unknown.StartsWith('-') && command is not RootCommand))
            return new DftNativeException(ExitCode.Usage, $"{parseResult.Errors[0].Message} Try 'dftnative {NameOf(command)}--help'.");
        return unknown.StartsWith('-')
            ? UnknownOption(unknown, command)
            : UnknownCommand(unknown, command);
    }

    private static DftNativeException UnknownCommand(string name, Command root) =>
        new(ExitCode.Usage, $"unknown command '{name}'{(NearestName.Suggest(name, root.Subcommands.Select(command => command.Name)) is { Length: > 0 } suggestion ? suggestion : "; try 'dftnative --help'")}");

    private static string Key(string optionName) => optionName.TrimStart('-').Replace('-', '_');

    private static bool Has(Command command, string key) => command.Options.Any(option => !option.Hidden && Key(option.Name) == key);

    private static string NameOf(Command command) => command is RootCommand ? "" : command.Name + " ";
}
