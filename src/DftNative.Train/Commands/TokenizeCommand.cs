using System.Globalization;
using DftNative.Data;
using DftNative.Tokenizers;

namespace DftNative.Train.Commands;

/// <summary><c>tokenize</c>: one JSON array of ids for every line of a text.</summary>
internal static class TokenizeCommand
{
    /// <summary>Runs the command.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="input">Standard input's bytes, read where no file is given.</param>
    /// <param name="output">Receives the arrays.</param>
    public static int Run(TokenizeOptions options, Stream input, TextWriter output)
    {
        var tokenizer = Tokenizer.Load(options.Model);
        var name = options.File ?? "standard input";
        var lines = options.File is null ? TextLines.Read(input, name) : TextLines.Read(options.File);
        foreach (var (number, line) in lines)
        {
            var ids = TextLines.Parse(name, number, line, options.Json, text => tokenizer.Encode(text, options.AddSpecialTokens));
            output.Write('[');
            output.Write(string.Join(", ", ids.Select(id => id.ToString(CultureInfo.InvariantCulture))));
            output.Write("]\n");
        }

        return (int)ExitCode.Success;
    }
}
