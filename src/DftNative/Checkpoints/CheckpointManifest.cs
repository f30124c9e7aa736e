using System.Globalization;
using System.Text;
using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>The file of a checkpoint that lists the others, each with its size and checksum. Written last, removed first.</summary>
internal sealed class CheckpointManifest
{
    /// <summary>The manifest's name.</summary>
    public const string FileName = "checkpoint.json";

    private const int FormatVersion = 1;
    private const int ChunkLength = 1 << 22;
    private const int ReaderCount = 4;

    private readonly string directory;
    private readonly List<(string Name, long Size, string Hash)> files;

    private CheckpointManifest(string directory, int step, List<(string Name, long Size, string Hash)> files) =>
        (this.directory, Step, this.files) = (directory, step, files);

    /// <summary>The optimizer steps done.</summary>
    public int Step { get; }

    /// <summary>The files' names.</summary>
    public IEnumerable<string> Names => files.Select(file => file.Name);

    /// <summary>Lists every file of a directory.</summary>
    /// <param name="directory">The checkpoint, complete but for the manifest.</param>
    /// <param name="step">The optimizer steps done.</param>
    /// <param name="hashes">XXH64 of the files for which it is known already, by name; the others are read.</param>
    public static void Write(string directory, int step, IReadOnlyDictionary<string, ulong> hashes)
    {
        var files = new List<(string Name, long Size, string Hash)>();
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
            files.Add((file.Name, file.Length, Format(hashes.TryGetValue(file.Name, out var hash) ? hash : HashFile(file.FullName))));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("version", FormatVersion);
            json.WriteNumber("step", step);
            json.WriteStartObject("files");
            foreach (var (name, size, hash) in files)
            {
                json.WriteStartObject(name);
                json.WriteNumber("size", size);
                json.WriteString("xxh64", hash);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteString("xxh64", HashContents(step, files));
            json.WriteEndObject();
        }

        AtomicFile.Write(Path.Combine(directory, FileName), buffer.ToArray());
    }

    /// <summary>Reads the manifest, and compares the size of every listed file.</summary>
    /// <exception cref="DftNativeException">Exit code 3: a file is missing or of another size.</exception>
    public static CheckpointManifest Open(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path)) throw new DftNativeException(ExitCode.InvalidInput, $"{directory}: not a whole checkpoint: there is no {FileName}");
        var (step, files) = JsonInput.ParseObject(JsonInput.ReadFile(path), path, root => Read(path, root));
        var manifest = new CheckpointManifest(directory, step, files);
        foreach (var (name, size, _) in files) manifest.CheckSize(name, size);
        return manifest;
    }

    /// <summary>Compares a file's checksum, for who has read all of the file.</summary>
    /// <param name="name">The file.</param>
    /// <param name="hash">XXH64 of it.</param>
    /// <exception cref="DftNativeException">Exit code 3: it is another, or the file is not listed.</exception>
    public void Check(string name, ulong hash)
    {
        var listed = files.Find(file => file.Name == name);
        if (listed.Name is null) throw Damaged($"{name} is none of its files");
        if (listed.Hash != Format(hash)) throw Damaged($"{name} is not what was written (checksum)");
    }

    /// <summary>Reads files and compares.</summary>
    /// <param name="names">Files that are listed.</param>
    /// <exception cref="DftNativeException">Exit code 3: one is missing or damaged.</exception>
    public void Verify(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            CheckSize(name, files.Find(file => file.Name == name).Size);
            Check(name, HashFile(Path.Combine(directory, name)));
        }
    }

    /// <summary>Removes a checkpoint, the manifest first: what a killed removal leaves is not taken for a checkpoint.</summary>
    public static void Remove(string directory)
    {
        AtomicDirectory.RemoveQuietly(Path.Combine(directory, FileName));
        AtomicDirectory.RemoveQuietly(directory);
    }

    private static (int Step, List<(string Name, long Size, string Hash)> Files) Read(string path, JsonElement root)
    {
        var fields = new ConfigurationFields(path, root);
        var version = fields.RequiredInt32("version", 1, int.MaxValue);
        if (version != FormatVersion) throw fields.Bad($"version {version} is of a later program; this one reads version {FormatVersion}");
        var step = fields.RequiredInt32("step", 0, int.MaxValue);
        var list = fields.OptionalObject("files") ?? throw fields.Bad("files is missing");
        var files = new List<(string Name, long Size, string Hash)>();
        foreach (var property in list.Element.EnumerateObject())
        {
            if (property.Name.Length == 0 || property.Name is "." or ".." || property.Name.AsSpan().ContainsAny("/\\:\0")
                || property.Value.ValueKind != JsonValueKind.Object
                || !property.Value.TryGetProperty("size", out var size) || size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out var bytes)
                || !property.Value.TryGetProperty("xxh64", out var hash) || hash.ValueKind != JsonValueKind.String)
                throw list.Bad($"the entry '{property.Name}' is damaged; resume from another checkpoint");
            files.Add((property.Name, bytes, hash.GetString()!));
        }

        if (fields.OptionalString("xxh64") != HashContents(step, files)) throw fields.Bad("the manifest is damaged (checksum); resume from another checkpoint");
        return (step, files);
    }

    private void CheckSize(string name, long size)
    {
        var file = new FileInfo(Path.Combine(directory, name));
        if (!file.Exists) throw Damaged($"{name} is missing");
        if (file.Length != size) throw Damaged($"{name} has {file.Length} bytes, and {size} were written");
    }

    private DftNativeException Damaged(string problem) =>
        new(ExitCode.InvalidInput, $"{directory}: the checkpoint is damaged: {problem}; resume from another checkpoint");

    private static string Format(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);

    // Over the values rather than the text, so that a manifest which another tool has reformatted is still whole.
    private static string HashContents(int step, List<(string Name, long Size, string Hash)> files)
    {
        var hash = new XxHash64();
        hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{step}\n")));
        foreach (var file in files) hash.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{file.Name}\n{file.Size}\n{file.Hash}\n")));
        return Format(hash.GetHash());
    }

    private static ulong HashFile(string path)
    {
        var hash = new XxHash64();
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var length = RandomAccess.GetLength(file);
            var parts = checked((int)((length + ChunkLength - 1) / ChunkLength));
            byte[][] buffers = [.. Enumerable.Range(0, ReaderCount + 1).Select(_ => GC.AllocateUninitializedArray<byte>((int)Math.Min(length, ChunkLength)))];
            var counts = new int[buffers.Length];
            PartPipeline<int>.Run(parts, ReaderCount, [.. Enumerable.Range(0, buffers.Length)], Read, (_, slot) => hash.Append(buffers[slot].AsSpan(0, counts[slot])));

            void Read(int part, int slot) => counts[slot] = FullRead.Read(file, (long)part * ChunkLength, buffers[slot]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, exception);
        }

        return hash.GetHash();
    }
}
