using System.Globalization;
using System.Net;

namespace DftNative.Hub;

/// <summary>How long a server asks to be left alone.</summary>
internal static class RetryAfterHeader
{
    /// <summary>Reads Retry-After (seconds or a date), and the Hub's RateLimit where a quota is used up (<c>"api";r=0;t=55</c>).</summary>
    /// <returns>Null: the server does not say.</returns>
    public static TimeSpan? Read(HttpResponseMessage response)
    {
        if (response.Headers.RetryAfter is { } retryAfter)
        {
            var delay = retryAfter.Delta ?? retryAfter.Date - DateTimeOffset.UtcNow;
            return delay > TimeSpan.Zero ? delay : TimeSpan.Zero;
        }

        return response.StatusCode == HttpStatusCode.TooManyRequests && response.Headers.TryGetValues("RateLimit", out var values)
            ? ReadRateLimit(string.Join(';', values))
            : null;
    }

    private static TimeSpan? ReadRateLimit(string value)
    {
        var fields = value.Split(';', StringSplitOptions.TrimEntries);
        var reset = fields.FirstOrDefault(field => field.StartsWith("t=", StringComparison.Ordinal));
        var isSpent = fields.Contains("r=0") && reset is not null;
        return isSpent && int.TryParse(reset.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }
}
