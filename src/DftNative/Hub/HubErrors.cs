using System.Globalization;
using System.Net;

namespace DftNative.Hub;

/// <summary>What the Hub's refusals mean for a user.</summary>
/// <param name="options">Where was asked, and as whom.</param>
/// <param name="name">The model.</param>
internal sealed class HubErrors(HubOptions options, HubName name)
{
    private const int LongestServerMessage = 200;

    private string Page => $"{options.Endpoint.ToString().TrimEnd('/')}/{name}";

    /// <summary>The error of an answer that is none of success.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="revision">The revision that was asked for.</param>
    /// <param name="file">The file that was asked for; null: the model.</param>
    public Exception Create(HttpResponseMessage response, string revision, string? file)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || status >= 500)
            return new TransientHubException($"{options.Endpoint.Authority} answers {status} for {file ?? name.Value}", RetryAfterHeader.Read(response));
        return new DftNativeException(ExitCode.InvalidInput, (HubTransport.Header(response, HubHeaders.ErrorCode), response.StatusCode) switch
        {
            ("RevisionNotFound", _) => $"{name}: it has no revision '{revision}'",
            ("EntryNotFound", _) => $"{name}: it has no {file} at revision {revision}",
            ("GatedRepo", _) or (_, HttpStatusCode.Forbidden) => DescribeGated(response, status),
            (_, HttpStatusCode.Unauthorized) when IsTokenRefused(response) => $"{name}: {options.Endpoint.Authority} does not take the access token (401); set HF_TOKEN to a valid one",
            (_, HttpStatusCode.Unauthorized) => string.Create(CultureInfo.InvariantCulture,
                $"{DescribeMissing()} that may be read without leave (401): if it is gated, accept its licence at {Page}; if it is private or gated, set HF_TOKEN to a token of an account that may read it"),
            (_, HttpStatusCode.NotFound) when file is not null => $"{name}: it has no {file} at revision {revision} (404)",
            (_, HttpStatusCode.NotFound) => $"{DescribeMissing()} (404): check the name, or set HF_TOKEN if it is private",
            _ => $"{name}: {options.Endpoint.Authority} answers {status} ({response.ReasonPhrase})",
        });
    }

    private static bool IsTokenRefused(HttpResponseMessage response) =>
        HubTransport.Header(response, HubHeaders.ErrorMessage)?.StartsWith("Invalid credentials", StringComparison.OrdinalIgnoreCase) == true;

    private string DescribeMissing() => $"{name}: there is no such directory, and {options.Endpoint.Authority} has no such model";

    private string DescribeGated(HttpResponseMessage response, int status)
    {
        var reason = new string([.. (HubTransport.Header(response, HubHeaders.ErrorMessage) ?? "").Where(character => !char.IsControl(character)).Take(LongestServerMessage)]);
        var account = options.Token is null ? "and set HF_TOKEN to a token of the account that did" : "with the account of the token in HF_TOKEN, and see that the token may read gated models";
        return $"{name}: access is gated ({status}): accept its licence at {Page} {account}" + (reason.Length > 0 ? $"; the server says: {reason}" : "");
    }
}
