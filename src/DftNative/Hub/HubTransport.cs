using System.Net;
using System.Net.Http.Headers;
using System.Reflection;

namespace DftNative.Hub;

/// <summary>
/// Sends requests and follows redirects. The access token goes to the Hub's own origin and nowhere else: a large file is
/// redirected to a storage host with a signed address, which must not see it.
/// </summary>
internal sealed class HubTransport : IDisposable
{
    private const int MaxRedirects = 10;

    private static readonly string Version =
        typeof(HubTransport).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "0";

    private readonly HubOptions options;
    private readonly HttpClient http;

    /// <summary>Opens no connection yet. Proxies are those of the environment (HTTPS_PROXY, NO_PROXY).</summary>
    public HubTransport(HubOptions options)
    {
        this.options = options;
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = options.StallTimeout };
        http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("dftnative", Version));
        // A compressed body has another size, and ranges of other bytes.
        http.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Sends a request and reads the answer's headers; the body is still to be read.</summary>
    /// <param name="method">HEAD stops at the redirect that describes the file, as the Hub means it.</param>
    /// <param name="address">At the Hub.</param>
    /// <param name="from">The first byte wanted; 0: the whole file.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="TransientHubException">No answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address, long from, CancellationToken cancellationToken)
    {
        var isTrusted = true;
        for (var hop = 0; hop <= MaxRedirects; hop++)
        {
            isTrusted &= IsSameOrigin(address, options.Endpoint);
            var response = await SendOnceAsync(method, address, from, isTrusted, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(response.StatusCode) || Header(response, "Location") is not { } location) return response;
            var isElsewhere = location.Contains("://", StringComparison.Ordinal);
            if (method == HttpMethod.Head && isElsewhere && Header(response, HubHeaders.LinkedEtag) is not null) return response;
            response.Dispose();
            address = Follow(address, location);
        }

        throw new DftNativeException(ExitCode.InvalidInput, $"{Describe(address)}: redirected more than {MaxRedirects} times; check HF_ENDPOINT");
    }

    /// <summary>A header's value, or null.</summary>
    public static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>An address without what may be secret in it.</summary>
    public static string Describe(Uri address) => $"{address.Scheme}://{address.Authority}{address.AbsolutePath}";

    /// <summary>Turns what a broken connection throws into an error that is tried again.</summary>
    public static TransientHubException Broken(Uri address, Exception exception) => exception is OperationCanceledException
        ? new TransientHubException($"{address.Authority} is silent", null, exception)
        : new TransientHubException($"the connection to {address.Authority} failed: {exception.Message.ReplaceLineEndings(" ").TrimEnd('.')}", null, exception);

    /// <inheritdoc/>
    public void Dispose() => http.Dispose();

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static bool IsSameOrigin(Uri left, Uri right) => left.Scheme == right.Scheme && left.Host == right.Host && left.Port == right.Port;

    private static Uri Follow(Uri address, string location)
    {
        if (!Uri.TryCreate(address, location, out var next) || next.Scheme is not ("http" or "https"))
            throw new DftNativeException(ExitCode.InvalidInput, $"{Describe(address)}: redirects to what is no web address; check HF_ENDPOINT");
        if (address.Scheme == "https" && next.Scheme == "http")
            throw new DftNativeException(ExitCode.InvalidInput, $"{Describe(address)}: redirects from https to http ({next.Authority}), which is not followed");
        return next;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, long from, bool isTrusted, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        if (isTrusted && options.Token is { } token) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(options.StallTimeout);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stall.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.NameResolutionError)
        {
            // No network, most likely: waiting would not mend it.
            throw new DftNativeException(ExitCode.InvalidInput, $"{address.Host} cannot be found: {exception.Message}; without a network, HF_HUB_OFFLINE=1 uses the cache alone", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Broken(address, exception);
        }
    }
}
