namespace DftNative.Hub;

/// <summary>Fetches contents into the cache: one process at a time, from where an earlier attempt ended, checked before they are used.</summary>
/// <param name="client">Where from.</param>
/// <param name="cache">Where to.</param>
/// <param name="retry">How often.</param>
/// <param name="observer">Told of the progress.</param>
internal sealed class BlobDownload(HubClient client, HubCache cache, HubRetry retry, IHubObserver observer)
{
    private const int ChecksumAttempts = 2;
    private const int BufferLength = 1 << 20;

    /// <summary>Fetches a file's contents, unless they are there.</summary>
    /// <exception cref="DftNativeException">Exit code 3: they cannot be had, or are not what their checksum says. Exit code 6: they cannot be written.</exception>
    public async Task RunAsync(string commit, HubFile file, CancellationToken cancellationToken)
    {
        var blob = cache.BlobPath(file.Checksum);
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        var held = await BlobLock.AcquireAsync(
            cache.LockPath(file.Checksum), () => observer.OnWarning($"{file.Name}: another process is fetching it; waiting for that"), cancellationToken).ConfigureAwait(false);
        using (held)
        {
            if (!File.Exists(blob)) await FetchAsync(commit, file, blob, cancellationToken).ConfigureAwait(false);
        }
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    private async Task FetchAsync(string commit, HubFile file, string blob, CancellationToken cancellationToken)
    {
        var part = cache.PartPath(file.Checksum);
        for (var attempt = 1; ; attempt++)
        {
            if (Length(part) > file.SizeInBytes) File.Delete(part);
            observer.OnFileStarted(file.Name, file.SizeInBytes, Length(part));
            await retry.RunAsync(() => FetchRestAsync(commit, file, part, cancellationToken), HubRetry.Attempts, () => Length(part), cancellationToken).ConfigureAwait(false);
            if (await file.Checksum.MatchesAsync(part, cancellationToken).ConfigureAwait(false)) break;
            File.Delete(part);
            if (attempt == ChecksumAttempts) throw new DftNativeException(ExitCode.InvalidInput, $"{file.Name}: what the server sends has not the checksum {file.Checksum.Value}, {ChecksumAttempts} times over; nothing of it is kept");
            observer.OnWarning($"{file.Name}: what arrived has not the checksum {file.Checksum.Value}; it is fetched anew");
        }

        File.Move(part, blob, overwrite: true);
        observer.OnFileFinished(file.Name);
    }

    private async Task<bool> FetchRestAsync(string commit, HubFile file, string part, CancellationToken cancellationToken)
    {
        var stream = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        await using (stream.ConfigureAwait(false))
        {
            var present = stream.Seek(0, SeekOrigin.End);
            if (present == file.SizeInBytes) return true;
            using var content = await client.OpenAsync(commit, file.Name, present, cancellationToken).ConfigureAwait(false);
            present = Begin(stream, content, file);
            var buffer = new byte[BufferLength];
            while (present < file.SizeInBytes)
            {
                var wanted = (int)Math.Min(buffer.Length, file.SizeInBytes - present);
                var count = await content!.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken).ConfigureAwait(false);
                if (count == 0) throw new TransientHubException($"{file.Name}: only {present} of {file.SizeInBytes} bytes came");
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                present += count;
                observer.OnProgress(file.Name, present);
            }

            stream.Flush(flushToDisk: true);
            return true;
        }
    }

    /// <summary>Puts the stream where the answer goes on.</summary>
    /// <exception cref="TransientHubException">The answer goes on nowhere; the part is emptied for the next attempt.</exception>
    private static long Begin(FileStream part, HubContent? content, HubFile file)
    {
        if (content is not null && content.Start == part.Length && (content.Start == 0 || (content.SizeInBytes ?? file.SizeInBytes) == file.SizeInBytes)) return part.Position;
        part.SetLength(0);
        if (content is { Start: 0 }) return part.Position;
        throw new TransientHubException($"{file.Name}: the server cannot go on where it was cut, so it is fetched from its beginning");
    }
}
