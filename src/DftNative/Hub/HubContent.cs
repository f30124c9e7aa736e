namespace DftNative.Hub;

/// <summary>A file's bytes as they arrive, from a certain one on.</summary>
internal sealed class HubContent : IDisposable
{
    private readonly HttpResponseMessage response;
    private readonly Stream stream;
    private readonly TimeSpan stallTimeout;

    private HubContent(HttpResponseMessage response, Stream stream, TimeSpan stallTimeout) =>
        (this.response, this.stream, this.stallTimeout) = (response, stream, stallTimeout);

    /// <summary>Where the bytes begin in the file: 0 where the server sends all of it in place of the range asked for.</summary>
    public long Start => response.Content.Headers.ContentRange?.From ?? 0;

    /// <summary>The file's size where the answer tells, which may be another file's.</summary>
    public long? SizeInBytes => response.Content.Headers.ContentRange is { } range ? range.Length : response.Content.Headers.ContentLength;

    private Uri Address => response.RequestMessage!.RequestUri!;

    /// <summary>Takes over an answer.</summary>
    /// <param name="response">Disposed with this.</param>
    /// <param name="stallTimeout">The longest silence.</param>
    public static async Task<HubContent> OpenAsync(HttpResponseMessage response, TimeSpan stallTimeout) =>
        new(response, await response.Content.ReadAsStreamAsync(CancellationToken.None).ConfigureAwait(false), stallTimeout);

    /// <summary>Reads what has arrived.</summary>
    /// <returns>How many bytes; 0: the end.</returns>
    /// <exception cref="TransientHubException">The connection was cut, or nothing came for too long.</exception>
    public async Task<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(stallTimeout);
        try
        {
            return await stream.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw HubTransport.Broken(Address, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        response.Dispose();
    }
}
