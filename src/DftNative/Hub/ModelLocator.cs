namespace DftNative.Hub;

/// <summary>
/// Finds the directory of a model that a user names: the directory of that name, or else the version of a Hugging Face
/// model in the local cache, or else that model fetched from the Hub into the cache.
/// </summary>
public sealed class ModelLocator
{
    private readonly Func<HubOptions> readOptions;
    private readonly IHubObserver observer;
    private readonly HubRetry retry;

    /// <summary>Makes a locator.</summary>
    /// <param name="readOptions">Called where a model is no directory, such as <see cref="HubOptions.FromEnvironment"/>.</param>
    /// <param name="observer">Told of downloads.</param>
    public ModelLocator(Func<HubOptions> readOptions, IHubObserver observer)
        : this(readOptions, observer, Task.Delay)
    {
    }

    internal ModelLocator(Func<HubOptions> readOptions, IHubObserver observer, Func<TimeSpan, CancellationToken, Task> wait) =>
        (this.readOptions, this.observer, retry) = (readOptions, observer, new HubRetry(wait, observer));

    /// <summary>Finds a model's directory. A version in the cache is taken as it is: a branch stays where it was first fetched.</summary>
    /// <param name="model">A directory, or a name such as <c>Qwen/Qwen2.5-Math-1.5B</c>; a directory goes before a name.</param>
    /// <param name="revision">Branch, tag or commit of a name; null: main.</param>
    /// <param name="files">What of it is wanted.</param>
    /// <param name="cancellationToken">Ends a download; what has arrived stays, and the next one goes on from there.</param>
    /// <returns>The directory.</returns>
    /// <exception cref="DftNativeException">
    /// Exit code 2: the revision cannot be one, or is given with a directory. Exit code 3: there is no such model, or it cannot be had.
    /// Exit code 6: the cache cannot be written.
    /// </exception>
    public async Task<string> LocateAsync(string model, string? revision, HubFileSet files, CancellationToken cancellationToken = default)
    {
        if (Directory.Exists(model))
            return revision is null ? model : throw new DftNativeException(ExitCode.Usage, $"revision: {model} is a directory, which has none; leave --revision out");
        if (File.Exists(model))
            throw new DftNativeException(ExitCode.InvalidInput, $"{model} is a file; give the model's directory, {Path.GetDirectoryName(Path.GetFullPath(model))}");
        if (!HubName.TryParse(model, out var name))
            throw new DftNativeException(ExitCode.InvalidInput, $"{model}: there is no such directory, and it is no name of a Hugging Face model (ORG/NAME) either");
        revision ??= HubRevision.Default;
        HubRevision.Check(revision);
        var options = readOptions();
        var cache = new HubCache(options.CacheDirectory, name);
        var commit = cache.FindCommit(revision);
        var state = commit is null ? HubCacheState.Missing : cache.Inspect(commit, files);
        if (state != HubCacheState.Complete && !(options.IsOffline && state == HubCacheState.Usable))
            commit = await FetchAsync(options, name, revision, files, cache, state == HubCacheState.Usable ? commit : null, cancellationToken).ConfigureAwait(false);
        else
            observer.OnCached(name, commit!);
        return cache.SnapshotPath(commit!);
    }

    // usable: a version in the cache to fall back on; null: none.
    private async Task<string> FetchAsync(
        HubOptions options, HubName name, string revision, HubFileSet files, HubCache cache, string? usable, CancellationToken cancellationToken)
    {
        if (options.IsOffline)
            throw new DftNativeException(ExitCode.InvalidInput, $"{name}: there is no such directory, revision {revision} is not (or not wholly) in the cache {options.CacheDirectory}, and HF_HUB_OFFLINE forbids to fetch it");
        using var client = new HubClient(options, name, retry);
        HubRevisionInfo info;
        try
        {
            info = await client.GetRevisionAsync(revision, usable is null ? HubRetry.Attempts : 1, cancellationToken).ConfigureAwait(false);
        }
        catch (DftNativeException exception) when (usable is not null)
        {
            observer.OnWarning($"{exception.Message}; the version in the cache is used, {usable}");
            return usable;
        }
        catch (DftNativeException exception) when (!exception.Message.StartsWith(name.Value, StringComparison.Ordinal))
        {
            // The network failed: what was meant may as well have been a directory.
            throw new DftNativeException(exception.ExitCode, $"{name}: there is no such directory, and as a Hugging Face model it cannot be asked for: {exception.Message}", exception);
        }

        await new HubDownload(client, cache, new BlobDownload(client, cache, retry, observer), name).RunAsync(info, files, cancellationToken).ConfigureAwait(false);
        cache.Note(revision, info);
        return info.Commit;
    }
}
