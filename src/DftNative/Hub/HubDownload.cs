using DftNative.Checkpoints;

namespace DftNative.Hub;

/// <summary>Fetches a version of a model into the cache: of all its files those that a model directory needs.</summary>
/// <param name="client">Where from.</param>
/// <param name="cache">Where to.</param>
/// <param name="blobs">Fetches contents.</param>
/// <param name="name">The model, for messages.</param>
internal sealed class HubDownload(HubClient client, HubCache cache, BlobDownload blobs, HubName name)
{
    /// <summary>Fetches what is not there.</summary>
    /// <param name="info">The version.</param>
    /// <param name="files">What of it.</param>
    /// <param name="cancellationToken">Ends it; what has arrived stays for the next time.</param>
    /// <exception cref="DftNativeException">Exit code 3: it cannot be had. Exit code 6: it cannot be written.</exception>
    public async Task RunAsync(HubRevisionInfo info, HubFileSet files, CancellationToken cancellationToken)
    {
        try
        {
            if (files == HubFileSet.Model) CheckWeights(info);
            await FetchAsync(info, HubFileNames.Small.Where(info.Files.Contains), cancellationToken).ConfigureAwait(false);
            if (files == HubFileSet.Tokenizer) return;
            if (info.Files.Contains(ModelFileNames.Weights)) await FetchAsync(info, [ModelFileNames.Weights], cancellationToken).ConfigureAwait(false);
            else await FetchShardsAsync(info, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(exception);
        }
    }

    private DftNativeException CannotWrite(Exception exception) => new(
        ExitCode.CannotWrite, $"{name}: the cache cannot be written: {exception.Message.TrimEnd('.')}; make room or set HF_HUB_CACHE; what has arrived is kept", exception);

    private void CheckWeights(HubRevisionInfo info)
    {
        var problem = !info.Files.Contains(ModelFileNames.Configuration) ? "config.json"
            : !info.Files.Contains(ModelFileNames.Weights) && !info.Files.Contains(ModelFileNames.Index) ? $"{ModelFileNames.Weights} and no {ModelFileNames.Index}; other formats are not read"
            : null;
        if (problem is not null) throw new DftNativeException(ExitCode.InvalidInput, $"{name}: the model on the Hub has no {problem}");
    }

    private async Task FetchShardsAsync(HubRevisionInfo info, CancellationToken cancellationToken)
    {
        await FetchAsync(info, [ModelFileNames.Index], cancellationToken).ConfigureAwait(false);
        var shards = WeightFiles.ReadIndex(cache.FilePath(info.Commit, ModelFileNames.Index)).Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var shard in shards)
        {
            if (!shard.EndsWith(".safetensors", StringComparison.Ordinal) || shard.Any(char.IsControl))
                throw new DftNativeException(ExitCode.InvalidInput, $"{name}: {ModelFileNames.Index} names {shard}, which is no safetensors file");
            if (!info.Files.Contains(shard))
                throw new DftNativeException(ExitCode.InvalidInput, $"{name}: {ModelFileNames.Index} names {shard}, which the model on the Hub does not have");
        }

        await FetchAsync(info, shards, cancellationToken).ConfigureAwait(false);
    }

    private async Task FetchAsync(HubRevisionInfo info, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var files = new List<HubFile>();
        foreach (var file in names.Where(file => !cache.Has(info.Commit, file)))
            files.Add(await client.GetFileAsync(info.Commit, file, cancellationToken).ConfigureAwait(false));
        CheckSpace(files);
        foreach (var file in files)
        {
            await blobs.RunAsync(info.Commit, file, cancellationToken).ConfigureAwait(false);
            cache.Link(info.Commit, file);
        }
    }

    /// <summary>Says at once what would be known only hours later.</summary>
    private void CheckSpace(List<HubFile> files)
    {
        var missing = files.Sum(file => cache.MissingBytes(file));
        if (cache.FreeBytes() is not { } free || missing <= free) return;
        throw new DftNativeException(ExitCode.CannotWrite, FormattableString.Invariant(
            $"{name}: {missing / 1e9:0.0##} GB are to be fetched, and the disk of {cache.CacheDirectory} has {free / 1e9:0.0##} GB free; make room or set HF_HUB_CACHE"));
    }
}
