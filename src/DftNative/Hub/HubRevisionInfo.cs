namespace DftNative.Hub;

/// <summary>What the Hub says about a version of a model.</summary>
/// <param name="Commit">The commit that the revision names, 40 hexadecimal digits.</param>
/// <param name="Files">The files of that commit.</param>
internal sealed record HubRevisionInfo(string Commit, IReadOnlySet<string> Files);
