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

    /// <summary>The error for an option that a command does not have; it names the nearest.</summary>
    internal static DftNativeException UnknownOption(string name, Command command) =>
        Unknown("option", name, command.Options.Where(option => !option.Hidden).Select(option => option.Name));

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
            : Unknown("command", unknown, command.Subcommands.Select(subcommand => subcommand.Name));
    }

    private static DftNativeException Unknown(string kind, string name, IEnumerable<string> candidates) =>
        new(ExitCode.Usage, $"unknown {kind} '{name}'; did you mean '{NearestName.Find(name, candidates)}'?");

    private static string NameOf(Command command) => command is RootCommand ? "" : command.Name + " ";
}
