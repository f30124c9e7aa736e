namespace DftNative.Hub;

/// <summary>Where models are looked for, and as whom.</summary>
public sealed record HubOptions
{
    /// <summary>The Hub's address, http or https, without a slash at its end.</summary>
    public Uri Endpoint { get; init; } = new("https://huggingface.co");

    /// <summary>The cache's directory: what holds <c>models--ORG--NAME</c>.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The access token, sent to <see cref="Endpoint"/> and nowhere else; null: none.</summary>
    public string? Token { get; init; }

    /// <summary>Whether only the cache may be used.</summary>
    public bool IsOffline { get; init; }

    /// <summary>The longest silence of a server before a request counts as cut.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads the environment as Hugging Face's own tools do: HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE and their kin.</summary>
    /// <exception cref="DftNativeException">Exit code 2: a variable's value cannot be used. Exit code 3: the token file cannot be read.</exception>
    public static HubOptions FromEnvironment() => HubEnvironment.Read(Environment.GetEnvironmentVariable);

    /// <summary>The endpoint and the cache: the token is not for logs.</summary>
    public override string ToString() => $"{Endpoint}, cache {CacheDirectory}";
}
