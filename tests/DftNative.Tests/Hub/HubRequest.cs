namespace DftNative.Tests.Hub;

/// <summary>A request as the test server saw it.</summary>
/// <param name="Kind">revision, head, resolve or storage.</param>
/// <param name="File">The file asked for; empty: the model.</param>
/// <param name="From">The first byte asked for; 0: no range.</param>
/// <param name="Authorization">The header; null: none.</param>
internal sealed record HubRequest(string Kind, string File, long From, string? Authorization);
