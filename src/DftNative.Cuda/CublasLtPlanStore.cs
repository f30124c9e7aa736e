using System.Runtime.InteropServices;
using System.Text.Json;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>
/// Which algorithm computes which problem, for each device and version of cuBLASLt. Another algorithm is another
/// rounding: a run that is to repeat bit by bit, or to go on as it began, keeps its plans.
/// </summary>
public sealed class CublasLtPlanStore
{
    private const int FormatVersion = 1;

    private readonly Dictionary<(string Device, string Library, string Problem), cublasLtMatmulAlgo_t> plans = [];

    /// <summary>How many plans there are.</summary>
    public int Count => plans.Count;

    /// <summary>Reads a file. One that is not there is an empty store.</summary>
    /// <param name="path">A file that <see cref="Save"/> wrote.</param>
    /// <param name="warn">Told in a sentence when the file cannot be used; the store is then empty.</param>
    public static CublasLtPlanStore Load(string path, Action<string>? warn = null)
    {
        if (!File.Exists(path)) return new CublasLtPlanStore();
        try
        {
            return FromJson(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"the GEMM plans of {path} are not used: {exception.Message}");
            return new CublasLtPlanStore();
        }
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is something else.</exception>
    /// <exception cref="FormatException">An algorithm in it is none.</exception>
    public static CublasLtPlanStore FromJson(ReadOnlySpan<byte> json)
    {
        var file = JsonSerializer.Deserialize(json, CublasLtPlanJson.Default.CublasLtPlanFile) ?? throw new JsonException("it holds null");
        if (file.FormatVersion != FormatVersion) throw new JsonException($"its format is {file.FormatVersion}, not {FormatVersion}");
        var store = new CublasLtPlanStore();
        foreach (var plan in file.Plans)
        {
            if (plan is null) throw new JsonException("a plan is null");
            store.plans[(plan.Device, plan.Library, plan.Problem)] = Parse(plan.Algorithm);
        }

        return store;
    }

    /// <summary>All plans in a fixed order, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(
        new CublasLtPlanFile(FormatVersion, [
            .. from plan in plans
               orderby plan.Key.Device, plan.Key.Library, plan.Key.Problem
               select new CublasLtStoredPlan(plan.Key.Device, plan.Key.Library, plan.Key.Problem, Format(plan.Value)),
        ]),
        CublasLtPlanJson.Default.CublasLtPlanFile);

    /// <summary>Writes a file, wholly or not at all.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        var temporary = $"{path}.tmp-{Guid.NewGuid():N}";
        try
        {
            File.WriteAllBytes(temporary, ToJson());
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>The plans for a device and a version of the library.</summary>
    internal CublasLtPlanStore For(string device, Version library)
    {
        var result = new CublasLtPlanStore();
        foreach (var (key, algorithm) in plans)
        {
            if (key.Device == device && key.Library == library.ToString()) result.plans.Add(key, algorithm);
        }

        return result;
    }

    internal bool TryGet(string device, Version library, in CublasLtProblem problem, out cublasLtMatmulAlgo_t algorithm) =>
        plans.TryGetValue((device, library.ToString(), problem.ToString()), out algorithm);

    internal void Set(string device, Version library, in CublasLtProblem problem, cublasLtMatmulAlgo_t algorithm) =>
        plans[(device, library.ToString(), problem.ToString())] = algorithm;

    private static string Format(cublasLtMatmulAlgo_t algorithm) => Convert.ToHexString(MemoryMarshal.AsBytes((ReadOnlySpan<ulong>)algorithm));

    private static cublasLtMatmulAlgo_t Parse(string text)
    {
        var algorithm = default(cublasLtMatmulAlgo_t);
        var bytes = Convert.FromHexString(text);
        var words = MemoryMarshal.AsBytes((Span<ulong>)algorithm);
        if (bytes.Length != words.Length) throw new FormatException($"an algorithm has {bytes.Length} bytes, not {words.Length}");
        bytes.CopyTo(words);
        return algorithm;
    }
}
