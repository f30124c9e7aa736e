using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Hub;

/// <summary>
/// A model in Hugging Face's cache: contents in <c>blobs/CHECKSUM</c>, versions in <c>snapshots/COMMIT/FILE</c> as links to
/// them, branches and tags in <c>refs/</c>, and in <c>.no_exist/COMMIT/FILE</c> the optional files that a version is known not
/// to have.
/// </summary>
internal sealed class HubCache
{
    private readonly string folder;
    private readonly string locks;

    /// <summary>The cache's part for a model; nothing is created.</summary>
    public HubCache(string cacheDirectory, HubName name)
    {
        CacheDirectory = cacheDirectory;
        folder = Path.Combine(cacheDirectory, name.FolderName);
        locks = Path.Combine(cacheDirectory, ".locks", name.FolderName);
    }

    /// <summary>The directory of the whole cache.</summary>
    public string CacheDirectory { get; }

    /// <summary>The directory of a version: what a model directory is elsewhere.</summary>
    public string SnapshotPath(string commit) => Path.Combine(folder, "snapshots", commit);

    /// <summary>Where a file of a version is.</summary>
    public string FilePath(string commit, string file) => Path.Combine(SnapshotPath(commit), file);

    /// <summary>The contents of that checksum.</summary>
    public string BlobPath(BlobChecksum checksum) => Path.Combine(folder, "blobs", checksum.Value);

    /// <summary>What has arrived of them; Hugging Face's tools resume from that name too.</summary>
    public string PartPath(BlobChecksum checksum) => BlobPath(checksum) + ".incomplete";

    /// <summary>The lock that whoever fetches them holds.</summary>
    public string LockPath(BlobChecksum checksum) => Path.Combine(locks, checksum.Value + ".lock");

    /// <summary>The commit that a branch, tag or commit is known to be; null: not known.</summary>
    public string? FindCommit(string revision)
    {
        if (HubRevision.IsCommit(revision)) return revision;
        var path = Path.Combine(folder, "refs", revision);
        return File.Exists(path) && File.ReadAllText(path).Trim() is var commit && HubRevision.IsCommit(commit) ? commit : null;
    }

    /// <summary>Whether a file of a version is there, with its contents: a link alone is not enough.</summary>
    public bool Has(string commit, string file) =>
        new FileInfo(FilePath(commit, file)) is { Exists: true } entry && (entry.ResolveLinkTarget(returnFinalTarget: true)?.Exists ?? true);

    /// <summary>What is there of a version.</summary>
    public HubCacheState Inspect(string commit, HubFileSet files)
    {
        var hasConfiguration = Has(commit, ModelFileNames.Configuration);
        var isUsable = files == HubFileSet.Model ? hasConfiguration && HasWeights(commit) : hasConfiguration || HubFileNames.Tokenizers.Any(file => Has(commit, file));
        if (!isUsable) return HubCacheState.Missing;
        return HubFileNames.Small.All(file => Has(commit, file) || File.Exists(AbsencePath(commit, file))) ? HubCacheState.Complete : HubCacheState.Usable;
    }

    /// <summary>How much of a file is still to be fetched.</summary>
    public long MissingBytes(HubFile file) =>
        File.Exists(BlobPath(file.Checksum)) ? 0 : file.SizeInBytes - (new FileInfo(PartPath(file.Checksum)) is { Exists: true } part ? Math.Min(part.Length, file.SizeInBytes) : 0);

    /// <summary>The room on the cache's disk; null: it cannot be told.</summary>
    public long? FreeBytes()
    {
        try
        {
            return new DriveInfo(Directory.CreateDirectory(folder).FullName).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Puts a blob into a version, as a link or, where links cannot be made, as a copy.</summary>
    public void Link(string commit, HubFile file)
    {
        var path = FilePath(commit, file.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (Has(commit, file.Name)) return;
        try
        {
            // A link may be left whose blob was removed.
            File.Delete(path);
            File.CreateSymbolicLink(path, Path.Combine("..", "..", "blobs", file.Checksum.Value));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            if (!Has(commit, file.Name)) Copy(BlobPath(file.Checksum), path);
        }
    }

    /// <summary>Notes what a revision turned out to be: its commit, and which of the wanted files that does not have.</summary>
    public void Note(string revision, HubRevisionInfo info)
    {
        try
        {
            foreach (var file in HubFileNames.Small.Where(file => !info.Files.Contains(file))) WriteNote(AbsencePath(info.Commit, file), []);
            if (FindCommit(revision) != info.Commit) WriteNote(Path.Combine(folder, "refs", revision), Encoding.ASCII.GetBytes(info.Commit));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or DftNativeException)
        {
            // A cache that others maintain may be read-only. Nothing is lost but that the Hub is asked again.
        }
    }

    private static void WriteNote(string path, byte[] contents)
    {
        if (contents.Length == 0 && File.Exists(path)) return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, contents);
    }

    private static void Copy(string blob, string path)
    {
        var temporary = $"{path}.tmp-{Guid.NewGuid():N}";
        try
        {
            File.Copy(blob, temporary);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private string AbsencePath(string commit, string file) => Path.Combine(folder, ".no_exist", commit, file);

    private bool HasWeights(string commit)
    {
        if (Has(commit, ModelFileNames.Weights)) return true;
        return Has(commit, ModelFileNames.Index)
            && WeightFiles.ReadIndex(FilePath(commit, ModelFileNames.Index)).Values.Distinct(StringComparer.Ordinal).All(shard => Has(commit, shard));
    }
}
