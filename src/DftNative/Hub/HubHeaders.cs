namespace DftNative.Hub;

/// <summary>Headers of the Hub's own.</summary>
internal static class HubHeaders
{
    /// <summary>The commit that the answer is of.</summary>
    public const string RepositoryCommit = "X-Repo-Commit";

    /// <summary>The checksum of the file that a redirect leads to.</summary>
    public const string LinkedEtag = "X-Linked-Etag";

    /// <summary>Its size.</summary>
    public const string LinkedSize = "X-Linked-Size";

    /// <summary>Which error: GatedRepo, RepoNotFound, RevisionNotFound or EntryNotFound.</summary>
    public const string ErrorCode = "X-Error-Code";

    /// <summary>The error in words.</summary>
    public const string ErrorMessage = "X-Error-Message";
}
