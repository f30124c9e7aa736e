using System.CommandLine;
using System.Text;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Hub;
using DftNative.Train.Data;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary>The command-line side of <see cref="TokenizeCommand"/> and <see cref="InspectDataCommand"/>.</summary>
internal static class TextCommands
{
    private const int DefaultRows = 5;

    /// <summary><c>tokenize</c>.</summary>
    public static Command CreateTokenize()
    {
        var model = new Option<string>("--model") { Description = "Directory with the tokenizer files, or a model's name in the local cache or on the Hub.", HelpName = "DIR|ORG/NAME" };
        var revision = new Option<string>("--revision") { Description = "Branch, tag or commit of a model given by name. [main]", HelpName = "NAME" };
        var file = new Option<string>("--file") { Description = "Text, a line at a time; standard input if left out.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Each line is a JSON string." };
        var addSpecialTokens = new Option<bool>("--add_special_tokens") { Description = "Add the special tokens that the tokenizer's template adds." };
        var command = new Command("tokenize", "Print a JSON array of token ids for each line.") { model, revision, file, json, addSpecialTokens };
        command.SetAction(parseResult =>
        {
            var name = parseResult.GetValue(model) ?? throw new DftNativeException(ExitCode.Usage, "--model must be given");
            var directory = InputLoader.LocateModel(name, parseResult.GetValue(revision), HubFileSet.Tokenizer);
            var options = new TokenizeOptions(directory, parseResult.GetValue(file), parseResult.GetValue(json), parseResult.GetValue(addSpecialTokens));
            using var input = Console.OpenStandardInput();
            using var output = OpenOutput();
            return TokenizeCommand.Run(options, input, output);
        });
        return command;
    }

    /// <summary><c>inspect-data</c>.</summary>
    public static Command CreateInspectData()
    {
        var command = new Command("inspect-data", "Show rows as the model will see them, trained tokens marked, with counts.");
        var catalog = CatalogOptions.AddTo(command, "model", "revision", "data", "max_length", "max_length_action", "mask", "train_on_eos", "chat_template", "row_form", "column", "response_end");
        var rows = new Option<string>("--rows") { Description = $"Rows to show; all are counted. [{DefaultRows}]", HelpName = "integer ≥ 0" };
        command.Add(rows);
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            Required.Options(options, "model", "data");
            var reader = InputLoader.ReaderOptions(options);
            var directory = InputLoader.LocateModel(options.Model!, options.Revision, HubFileSet.Tokenizer);
            var hasConfiguration = File.Exists(Path.Combine(directory, "config.json"));
            int? vocabularySize = hasConfiguration ? ModelTemplate.Read(directory).Configuration.VocabularySize : null;
            using var output = OpenOutput();
            return InspectDataCommand.Run(
                new InspectDataOptions(directory, options.Data, ParseRows(parseResult.GetValue(rows)), reader, !Console.IsOutputRedirected), vocabularySize, output);
        });
        return command;
    }

    private static int ParseRows(string? text) => text is null ? DefaultRows : SamplingOptions.ParseInteger("rows", text, 0);

    /// <summary>Standard output without a flush at every line: millions of lines are printed.</summary>
    private static StreamWriter OpenOutput() => new(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16);
}
