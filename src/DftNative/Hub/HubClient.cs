using System.Globalization;
using System.Net;
using System.Text.Json;
using DftNative.Checkpoints;

namespace DftNative.Hub;

/// <summary>The Hub's interface as far as fetching a model needs it: what a revision is, what a file is, a file's bytes.</summary>
internal sealed class HubClient : IDisposable
{
    private const long LongestAnswer = 64 << 20;

    private readonly HubOptions options;
    private readonly HubName name;
    private readonly HubRetry retry;
    private readonly HubTransport transport;
    private readonly HubErrors errors;

    /// <summary>Opens no connection yet.</summary>
    public HubClient(HubOptions options, HubName name, HubRetry retry)
    {
        (this.options, this.name, this.retry) = (options, name, retry);
        (transport, errors) = (new HubTransport(options), new HubErrors(options, name));
    }

    /// <summary>Asks what a branch, tag or commit is now.</summary>
    /// <param name="revision">Its name.</param>
    /// <param name="attempts">How often an answer is sought.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DftNativeException">Exit code 3: there is none, access is refused, or the Hub does not answer.</exception>
    public Task<HubRevisionInfo> GetRevisionAsync(string revision, int attempts, CancellationToken cancellationToken)
    {
        var address = Address($"/api/models/{name}/revision/{Uri.EscapeDataString(revision)}");
        return retry.RunAsync(async () =>
        {
            using var response = await transport.SendAsync(HttpMethod.Get, address, 0, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode) throw errors.Create(response, revision, null);
            return ReadRevision(await ReadAllAsync(response, cancellationToken).ConfigureAwait(false), HubTransport.Describe(address));
        }, attempts, null, cancellationToken);
    }

    /// <summary>Asks for a file's checksum and size.</summary>
    /// <param name="commit">A whole commit hash.</param>
    /// <param name="file">A file of that commit.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DftNativeException">Exit code 3.</exception>
    public Task<HubFile> GetFileAsync(string commit, string file, CancellationToken cancellationToken) => retry.RunAsync(async () =>
    {
        using var response = await transport.SendAsync(HttpMethod.Head, FileAddress(commit, file), 0, cancellationToken).ConfigureAwait(false);
        var isDescribed = response.IsSuccessStatusCode || HubTransport.Header(response, HubHeaders.LinkedEtag) is not null;
        if (!isDescribed) throw errors.Create(response, commit, file);
        return Describe(response, commit, file);
    }, HubRetry.Attempts, null, cancellationToken);

    /// <summary>Begins to read a file. Not tried again here: whoever reads knows how far it has come.</summary>
    /// <param name="commit">A whole commit hash.</param>
    /// <param name="file">A file of that commit.</param>
    /// <param name="from">The first byte wanted.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null: the server says that there is no such byte.</returns>
    public async Task<HubContent?> OpenAsync(string commit, string file, long from, CancellationToken cancellationToken)
    {
        var response = await transport.SendAsync(HttpMethod.Get, FileAddress(commit, file), from, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode) return await HubContent.OpenAsync(response, options.StallTimeout).ConfigureAwait(false);
        using (response)
            return response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable ? null : throw errors.Create(response, commit, file);
    }

    /// <inheritdoc/>
    public void Dispose() => transport.Dispose();

    private static HubRevisionInfo ReadRevision(byte[] json, string address) => JsonInput.ParseObject(json, address, root =>
    {
        var commit = root.TryGetProperty("sha", out var sha) && sha.ValueKind == JsonValueKind.String ? sha.GetString()! : "";
        if (!HubRevision.IsCommit(commit) || !root.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array)
            throw new DftNativeException(ExitCode.InvalidInput, $"{address}: the answer is not a Hub's: it names no commit and its files; check HF_ENDPOINT");
        var files = siblings.EnumerateArray()
            .Select(sibling => sibling.ValueKind == JsonValueKind.Object && sibling.TryGetProperty("rfilename", out var file) && file.ValueKind == JsonValueKind.String ? file.GetString()! : "");
        return new HubRevisionInfo(commit, files.ToHashSet(StringComparer.Ordinal));
    });

    private HubFile Describe(HttpResponseMessage response, string commit, string file)
    {
        if (HubTransport.Header(response, HubHeaders.RepositoryCommit) is { } served && served != commit)
            throw new DftNativeException(ExitCode.InvalidInput, $"{name}: {options.Endpoint.Authority} was asked for {file} of commit {commit} and answers with commit {served}");
        var etag = HubTransport.Header(response, HubHeaders.LinkedEtag) ?? HubTransport.Header(response, "ETag");
        if (!BlobChecksum.TryParse(etag, out var checksum))
            throw new DftNativeException(ExitCode.InvalidInput, $"{name}: {options.Endpoint.Authority} tells no checksum of {file}, so it cannot be checked; check HF_ENDPOINT");
        var size = long.TryParse(HubTransport.Header(response, HubHeaders.LinkedSize), NumberStyles.None, CultureInfo.InvariantCulture, out var linked)
            ? linked
            : response.Content.Headers.ContentLength;
        return size is { } bytes ? new HubFile(file, checksum, bytes) : throw new DftNativeException(ExitCode.InvalidInput, $"{name}: {options.Endpoint.Authority} tells no size of {file}; check HF_ENDPOINT");
    }

    private async Task<byte[]> ReadAllAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var content = await HubContent.OpenAsync(response, options.StallTimeout).ConfigureAwait(false);
        using var all = new MemoryStream();
        var buffer = new byte[1 << 16];
        while (await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            all.Write(buffer, 0, count);
            if (all.Length > LongestAnswer) throw new DftNativeException(ExitCode.InvalidInput, $"{options.Endpoint.Authority}: an answer of more than {LongestAnswer} bytes; check HF_ENDPOINT");
        }

        return all.ToArray();
    }

    private Uri FileAddress(string commit, string file) => Address($"/{name}/resolve/{commit}/{Uri.EscapeDataString(file)}");

    private Uri Address(string path) => new(options.Endpoint.ToString().TrimEnd('/') + path);
}
