using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>
/// The texts under kernels/, which the library carries as resources. DFTNATIVE_KERNELS names a folder that is read
/// instead, to try a change without building.
/// </summary>
internal static class KernelSources
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("DFTNATIVE_KERNELS") is { Length: > 0 } folder ? folder : null;

    private const string Prefix = "kernels/";

    private static readonly Lazy<IReadOnlyList<CudaProgramSource>> LazyHeaders = new(() =>
    [
        .. from name in typeof(KernelSources).Assembly.GetManifestResourceNames()
           where name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(".cuh", StringComparison.Ordinal)
           orderby name
           select Read(name[Prefix.Length..]),
    ]);

    /// <summary>The headers that any kernel can include.</summary>
    public static IReadOnlyList<CudaProgramSource> Headers => LazyHeaders.Value;

    /// <summary>A file of kernels/.</summary>
    public static CudaProgramSource Read(string fileName)
    {
        if (Folder is not null) return new CudaProgramSource(fileName, File.ReadAllText(Path.Combine(Folder, fileName)));
        using var stream = typeof(KernelSources).Assembly.GetManifestResourceStream(Prefix + fileName)
            ?? throw new ArgumentException($"no kernel file {fileName}", nameof(fileName));
        using var reader = new StreamReader(stream);
        return new CudaProgramSource(fileName, reader.ReadToEnd());
    }
}
