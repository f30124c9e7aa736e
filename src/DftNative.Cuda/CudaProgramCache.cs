using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DftNative.Cuda;

/// <summary>
/// Compiled programs kept on disk, so that a second process does not compile again. A program's key is a hash of its text,
/// the headers, the options (the architecture is one), and the compiler's version and file. A folder that cannot be
/// written, or a file in it that is cut off, changed or foreign, costs a compilation and is no error. Thread-safe, and safe
/// between processes: a file is written under another name and renamed.
/// </summary>
public sealed class CudaProgramCache
{
    /// <summary>Names another folder, or "none".</summary>
    public const string FolderVariable = "DFTNATIVE_KERNEL_CACHE";

    private const string Extension = ".cubin";

    /// <summary>With more files than this, the ones used longest ago are deleted down to half.</summary>
    private const int LargestFileCount = 2048;

    private const int HashLength = SHA256.HashSizeInBytes;
    private const int LogLengthOffset = 16 + (2 * HashLength);

    private int hasWarned;
    private int hits;
    private int compilations;

    /// <summary>Makes a cache in a folder, which is made when it is first needed.</summary>
    /// <param name="folder">The folder; null: nothing is kept.</param>
    public CudaProgramCache(string? folder) => Folder = folder;

    /// <summary>
    /// The process's cache: in DFTNATIVE_KERNEL_CACHE (or nowhere where that is "none"), else in
    /// <c>$XDG_CACHE_HOME/dftnative/kernels</c>, where ~/.cache stands in for a variable that is not set.
    /// </summary>
    public static CudaProgramCache Default { get; } = new(FolderOf(Environment.GetEnvironmentVariable));

    /// <summary>Where the files lie; null where nothing is kept.</summary>
    public string? Folder { get; }

    /// <summary>Told, once, that the folder is of no use or has a damaged file: the program runs all the same, but compiles again.</summary>
    public Action<string>? Warn { get; set; }

    /// <summary>Programs that came from the folder.</summary>
    public int Hits => Volatile.Read(ref hits);

    /// <summary>Programs that had to be compiled.</summary>
    public int Compilations => Volatile.Read(ref compilations);

    private static ReadOnlySpan<byte> Magic => "DFTNATIVE-CUBIN1"u8;

    /// <summary>As <see cref="CudaRuntimeCompiler.Compile"/>, but only the first time.</summary>
    /// <exception cref="CudaCompilationException">The program was rejected; the log is in the message.</exception>
    public CompiledProgram Compile(
        CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options) =>
        Find(source, headers, options, out var path, out var key) ?? CompileAndKeep(source, headers, options, path, key);

    /// <summary>Compiles, or finds, a program and loads it. What the driver refuses of the folder's is compiled again.</summary>
    /// <exception cref="CudaCompilationException">The program was rejected; the log is in the message.</exception>
    /// <exception cref="CudaException">The device cannot run it.</exception>
    public CudaModule Load(
        CudaContext context, CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options)
    {
        if (Find(source, headers, options, out var path, out var key) is { } found)
        {
            try
            {
                return new CudaModule(context, found.Image);
            }
            catch (CudaException exception) when (!exception.IsContextLost)
            {
                // Another driver's, or another build's of the emulator: the compilation replaces it.
            }
        }

        return new CudaModule(context, CompileAndKeep(source, headers, options, path, key).Image);
    }

    /// <summary>The folder that the environment names; null for none.</summary>
    internal static string? FolderOf(Func<string, string?> variable)
    {
        if (variable(FolderVariable) is { Length: > 0 } own) return own == "none" ? null : own;
        if (variable("XDG_CACHE_HOME") is { Length: > 0 } caches) return Path.Combine(caches, "dftnative", "kernels");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return home.Length == 0 ? null : Path.Combine(home, ".cache", "dftnative", "kernels");
    }

    private CompiledProgram? Find(
        CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options,
        out string? path, out byte[] key)
    {
        (path, key) = (null, []);
        if (Folder is null) return null;
        key = Key(source, headers, options);
        path = Path.Combine(Folder, $"{Path.GetFileNameWithoutExtension(source.FileName)}-{Convert.ToHexStringLower(key.AsSpan(0, 16))}{Extension}");
        var program = Read(path, key);
        if (program is not null) Interlocked.Increment(ref hits);
        return program;
    }

    private CompiledProgram CompileAndKeep(
        CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options, string? path, byte[] key)
    {
        Interlocked.Increment(ref compilations);
        var program = CudaRuntimeCompiler.Compile(source, headers, options);
        if (path is not null) Write(path, key, program);
        return program;
    }

    /// <summary>Each text with its length before it, so that no two lists of texts give the same bytes.</summary>
    private static byte[] Key(CudaProgramSource source, IReadOnlyList<CudaProgramSource> headers, IReadOnlyList<string> options)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(CudaRuntimeCompiler.Identity);
        AppendCount(options.Count);
        foreach (var option in options) Append(option);
        foreach (var text in headers.Prepend(source))
        {
            Append(text.FileName);
            Append(text.Text);
        }

        return hash.GetHashAndReset();

        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            AppendCount(bytes.Length);
            hash.AppendData(bytes);
        }

        void AppendCount(int count) => hash.AppendData(Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture) + ":"));
    }

    /// <summary>
    /// A file is the magic word, the key, the hash of what follows, the log's length in 4 bytes, the log, and the image.
    /// Null where it is not wholly that.
    /// </summary>
    private CompiledProgram? Read(string path, byte[] key)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            WarnOnce($"the kernel cache's {path} cannot be read ({exception.Message}): its kernel is compiled again");
            return null;
        }

        if (!IsWhole(file, key))
        {
            WarnOnce($"the kernel cache's {path} is damaged: its kernel is compiled again");
            return null;
        }

        Touch(path);
        var logLength = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(LogLengthOffset));
        var log = file.AsSpan(LogLengthOffset + sizeof(int), logLength);
        return new CompiledProgram(file[(LogLengthOffset + sizeof(int) + logLength)..], Encoding.UTF8.GetString(log));
    }

    private static bool IsWhole(ReadOnlySpan<byte> file, byte[] key) =>
        file.Length >= LogLengthOffset + sizeof(int) && file.StartsWith(Magic)
        && file.Slice(Magic.Length, HashLength).SequenceEqual(key)
        && file.Slice(Magic.Length + HashLength, HashLength).SequenceEqual(SHA256.HashData(file[LogLengthOffset..]));

    /// <summary>Marks a file as used now; one that may only be read is as good.</summary>
    private static void Touch(string path)
    {
        try
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It only decides what is deleted first, which cannot be done here either.
        }
    }

    private void Write(string path, byte[] key, CompiledProgram program)
    {
        var log = Encoding.UTF8.GetBytes(program.Log);
        var file = new byte[LogLengthOffset + sizeof(int) + log.Length + program.Image.Length];
        Magic.CopyTo(file);
        key.CopyTo(file, Magic.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(LogLengthOffset), log.Length);
        log.CopyTo(file, LogLengthOffset + sizeof(int));
        program.Image.CopyTo(file, LogLengthOffset + sizeof(int) + log.Length);
        SHA256.HashData(file.AsSpan(LogLengthOffset), file.AsSpan(Magic.Length + HashLength, HashLength));
        var temporary = $"{path}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(temporary, file);
            File.Move(temporary, path, overwrite: true);
            DeleteOldest(Path.GetDirectoryName(path)!);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The cache is a convenience: without it the program runs all the same.
            TryDelete(temporary);
            WarnOnce(
                $"the kernel cache {Folder} cannot be written ({exception.Message}): kernels are compiled in every run; set {FolderVariable} to another folder, or to none");
        }
    }

    private void WarnOnce(string message)
    {
        if (Interlocked.Exchange(ref hasWarned, 1) == 0) Warn?.Invoke(message);
    }

    private static void DeleteOldest(string folder)
    {
        var files = new DirectoryInfo(folder).GetFiles($"*{Extension}*");
        if (files.Length <= LargestFileCount) return;
        foreach (var file in files.OrderBy(file => file.LastWriteTimeUtc).Take(files.Length - (LargestFileCount / 2))) TryDelete(file.FullName);
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another process may have been quicker, or the folder is read-only.
        }
    }
}
