using System.Text;
using System.Text.RegularExpressions;

namespace DftNative.Mutation;

/// <summary>
/// What of a C# or CUDA text a mutation can touch: comments, strings, attributes and preprocessor lines are blanked, and
/// so is what the emulator never compiles (the branches for NVRTC, whose instructions only a GPU runs).
/// </summary>
internal static partial class SourceText
{
    /// <summary>The lines of the text, of the same length each, with spaces where nothing may be changed.</summary>
    public static string[] MutableLines(string text)
    {
        var lines = LaunchBounds().Replace(BlankCommentsAndStrings(text), match => new string(' ', match.Length)).Split('\n');
        var conditions = new Stack<bool>();
        for (var i = 0; i < lines.Length; i++)
        {
            var trimmed = lines[i].TrimStart();
            if (!trimmed.StartsWith('#'))
            {
                if (conditions.Contains(false) || IsDeclarative(trimmed)) lines[i] = new string(' ', lines[i].Length);
                continue;
            }

            if (trimmed.StartsWith("#if", StringComparison.Ordinal)) conditions.Push(!trimmed.StartsWith("#ifndef DFTNATIVE_EMULATOR", StringComparison.Ordinal));
            else if (trimmed.StartsWith("#else", StringComparison.Ordinal)) conditions.Push(!conditions.Pop());
            else if (trimmed.StartsWith("#endif", StringComparison.Ordinal)) conditions.Pop();
            lines[i] = new string(' ', lines[i].Length);
        }

        return lines;
    }

    /// <summary>Lines that compute nothing: their faults do not compile, or change no result.</summary>
    private static bool IsDeclarative(string trimmed) =>
        trimmed.StartsWith("using ", StringComparison.Ordinal) || trimmed.StartsWith("namespace ", StringComparison.Ordinal)
        || trimmed.StartsWith("template ", StringComparison.Ordinal) || trimmed.StartsWith("static_assert", StringComparison.Ordinal)
        || trimmed.StartsWith('[') || trimmed.StartsWith("throw ", StringComparison.Ordinal) || trimmed.Contains("static_assert(", StringComparison.Ordinal)
        || ArrayDeclaration().IsMatch(trimmed);

    /// <summary>A longer array holds the same values.</summary>
    [GeneratedRegex(@"^(?:const )?[\w:]+(?: [\w:]+)* \w+(?:\[[^\]]*\])+;")]
    private static partial Regex ArrayDeclaration();

    /// <summary>What only ptxas reads: how many registers a thread may have.</summary>
    [GeneratedRegex(@"__launch_bounds__\([^)]*\)")]
    private static partial Regex LaunchBounds();

    private static string BlankCommentsAndStrings(string text)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i < text.Length; i++)
        {
            var end = i;
            if (At("//")) end = IndexOrEnd("\n", i);
            else if (At("/*")) end = Math.Min(text.Length, IndexOrEnd("*/", i) + 2);
            else if (text[i] is '"' or '\'') end = EndOfLiteral(i);
            for (; i < end; i++)
            {
                if (text[i] != '\n') result[i] = ' ';
            }

            bool At(string token) => string.CompareOrdinal(text, i, token, 0, token.Length) == 0;
        }

        return result.ToString();

        int IndexOrEnd(string token, int start) => text.IndexOf(token, start, StringComparison.Ordinal) is >= 0 and var found ? found : text.Length;

        int EndOfLiteral(int start)
        {
            // A digit separator is no character literal.
            if (text[start] == '\'' && start > 0 && char.IsAsciiHexDigit(text[start - 1])) return start;
            for (var end = start + 1; end < text.Length && text[end] != '\n'; end++)
            {
                if (text[end] == '\\') end++;
                else if (text[end] == text[start]) return end + 1;
            }

            return start;
        }
    }
}
