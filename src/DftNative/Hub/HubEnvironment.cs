using System.Globalization;

namespace DftNative.Hub;

/// <summary>The environment variables of Hugging Face's tools, by their rules of precedence.</summary>
internal static class HubEnvironment
{
    /// <summary>Reads them.</summary>
    /// <param name="get">A variable's value, or null. Empty counts as absent.</param>
    public static HubOptions Read(Func<string, string?> get)
    {
        var userCache = Value("XDG_CACHE_HOME") ?? Path.Combine(UserDirectory, ".cache");
        var home = Value("HF_HOME") ?? Path.Combine(userCache, "huggingface");
        var cache = Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub");
        var defaults = new HubOptions { CacheDirectory = ExpandUser(cache) };
        return defaults with
        {
            Endpoint = Value("HF_ENDPOINT") is { } endpoint ? ParseEndpoint(endpoint) : defaults.Endpoint,
            Token = Clean(Value("HF_TOKEN")) ?? Clean(Value("HUGGING_FACE_HUB_TOKEN")) ?? ReadTokenFile(ExpandUser(Value("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))),
            IsOffline = (Value("HF_HUB_OFFLINE") ?? Value("TRANSFORMERS_OFFLINE"))?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
            StallTimeout = Value("HF_HUB_DOWNLOAD_TIMEOUT") is { } seconds ? ParseTimeout(seconds) : defaults.StallTimeout,
        };

        string? Value(string name) => get(name) is { Length: > 0 } value ? value : null;
    }

    private static string UserDirectory => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string ExpandUser(string path) =>
        Path.GetFullPath(path is "~" || path.StartsWith("~/", StringComparison.Ordinal) ? UserDirectory + path[1..] : path);

    private static string? Clean(string? token)
    {
        if (token?.Trim() is not { Length: > 0 } text) return null;
        var isHeaderText = text.All(character => character is > ' ' and <= '~');
        return isHeaderText ? text : throw new DftNativeException(ExitCode.Usage, "HF_TOKEN or the token file: it holds spaces or letters that no access token has");
    }

    private static string? ReadTokenFile(string path)
    {
        try
        {
            return Clean(File.ReadAllText(path));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: the access token cannot be read: {exception.Message}", exception);
        }
    }

    private static Uri ParseEndpoint(string text)
    {
        var isAddress = Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https" && endpoint.Query.Length == 0;
        return isAddress ? endpoint! : throw new DftNativeException(ExitCode.Usage, $"HF_ENDPOINT: '{text}' is no http or https address");
    }

    private static TimeSpan ParseTimeout(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new DftNativeException(ExitCode.Usage, $"HF_HUB_DOWNLOAD_TIMEOUT: '{text}' is not a number of seconds above 0");
}
