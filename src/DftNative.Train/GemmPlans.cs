using DftNative.Cuda;

namespace DftNative.Train;

/// <summary>
/// Which algorithm computes which matrix product on a GPU: what <c>train --tune true</c> timed is kept in the cache of the
/// compiled kernels, and every later run on such a device takes it.
/// </summary>
internal sealed class GemmPlans
{
    private readonly string? path;
    private readonly CublasLtPlanStore store;

    /// <summary>Reads what earlier runs kept.</summary>
    /// <param name="tunesNewProblems">Whether products that are not among them are timed.</param>
    public GemmPlans(bool tunesNewProblems = false)
    {
        path = CudaProgramCache.Default.Folder is { } folder ? Path.Combine(folder, "gemm-plans.json") : null;
        store = path is null ? new CublasLtPlanStore() : CublasLtPlanStore.Load(path, Warn);
        Options = new CublasLtOptions(store, tunesNewProblems, Warn);
    }

    /// <summary>For the backend.</summary>
    public CublasLtOptions Options { get; }

    /// <summary>Keeps what was timed. A cache that cannot be written is a warning: the run itself is done.</summary>
    public void Save()
    {
        if (!Options.TunesNewProblems) return;
        if (path is null)
        {
            Warn($"there is no cache folder to keep the tuned GEMM plans in: set {CudaProgramCache.FolderVariable} to one");
            return;
        }

        try
        {
            Directory.CreateDirectory(CudaProgramCache.Default.Folder!);
            store.Save(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Warn($"the tuned GEMM plans cannot be kept in {path}: {exception.Message}");
        }
    }

    private static void Warn(string message) => Console.Error.WriteLine($"warning: {message}");
}
