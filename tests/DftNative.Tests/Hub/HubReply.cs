namespace DftNative.Tests.Hub;

/// <summary>What the test server answers.</summary>
internal sealed record HubReply(int Status, Dictionary<string, string> Headers, byte[] Body)
{
    /// <summary>The bytes of the body after which the connection is cut; null: it is sent whole.</summary>
    public int? CutAt { get; init; }

    /// <summary>Whether the cut is a reset, which may overtake what was sent before it.</summary>
    public bool IsReset { get; init; }

    /// <summary>The bytes of the body after which nothing more is sent until the client goes; null: it is sent whole.</summary>
    public int? HangAt { get; init; }

    public static HubReply Error(int status, string? code = null, string? message = null)
    {
        var headers = new Dictionary<string, string>();
        if (code is not null) headers["X-Error-Code"] = code;
        if (message is not null) headers["X-Error-Message"] = message;
        return new HubReply(status, headers, []);
    }

    public HubReply With(string header, string value) => this with { Headers = new Dictionary<string, string>(Headers) { [header] = value } };
}
