using System.Buffers;

namespace DftNative.Hub;

/// <summary>What names a version of a model: a branch, a tag or a commit.</summary>
internal static class HubRevision
{
    /// <summary>The branch that a model has where nothing else is asked for.</summary>
    public const string Default = "main";

    private const int CommitLength = 40;

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\\:*?\"<>|~^[ \u007F");

    /// <summary>Whether the text is a whole commit hash, which never comes to mean another version.</summary>
    public static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigitLower);

    /// <summary>Checks that a revision can be one: it becomes a path of the cache, and must not lead out of it.</summary>
    /// <exception cref="DftNativeException">Exit code 2.</exception>
    public static void Check(string revision)
    {
        var isRevision = !revision.AsSpan().ContainsAny(Forbidden) && !revision.Any(char.IsControl)
            && revision.Split('/').All(part => part.Length > 0 && part[0] != '.' && part[^1] != '.' && !part.Contains("..", StringComparison.Ordinal));
        if (!isRevision) throw new DftNativeException(ExitCode.Usage, $"revision: '{revision.ReplaceLineEndings(" ")}' is no branch, tag or commit");
    }
}
