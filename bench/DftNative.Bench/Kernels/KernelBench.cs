using System.Globalization;
using System.Text.Json;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Bench.Kernels;

/// <summary><c>bench kernels</c>: a row per kernel and shape; every result is checked, and on a real GPU every kernel is timed.</summary>
internal sealed class KernelBench : IDisposable
{
    private const int Tokens = 4096, TokensToVerify = 96;
    private const long ArenaLength = 1L << 26, ArenaLengthToVerify = 100_003 * 8;
    private const long FlushedBytes = 1L << 30, FlushedBytesToVerify = 1 << 20;

    private static readonly JsonSerializerOptions JsonOptions = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private readonly KernelBenchOptions options;
    private readonly IBackend backend;
    private readonly MemoryKernels? memory;
    private readonly KernelTimer? timer;

    private KernelBench(KernelBenchOptions options)
    {
        this.options = options;
        backend = options.Device == "cpu" ? new CpuBackend() : new CudaBackend();
        try
        {
            if (backend is not CudaBackend cuda) return;
            memory = new MemoryKernels(cuda, options.Verify ? FlushedBytesToVerify : FlushedBytes);
            timer = options.Verify ? null : new KernelTimer(cuda, memory);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs the command.</summary>
    /// <returns>Exit code 1 if a check failed.</returns>
    public static ExitCode Run(ReadOnlySpan<string> arguments)
    {
        using var bench = new KernelBench(KernelBenchOptions.Parse(arguments));
        return bench.Run();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        timer?.Dispose();
        memory?.Dispose();
        backend.Dispose();
    }

    private ExitCode Run()
    {
        Console.WriteLine(backend.Description);
        if (memory is not null && !IsCopyRight()) return ExitCode.CheckFailed;
        var ceilings = MeasureCeilings();
        Console.WriteLine($"{"kernel",-42}{"shape",-34}{"work",14}{(timer is null ? "" : "       ms      rate  of ceiling")}   error (bound)");
        var results = new List<KernelResult>();
        foreach (var kernel in Cases())
        {
            if (!kernel.Name.Contains(options.Filter, StringComparison.Ordinal)) continue;
            var result = Run(kernel, ceilings);
            results.Add(result);
            Print(result);
            // Each row is kept as it comes: a run that is cut short leaves what it has.
            if (options.JsonPath is not null) File.WriteAllText(options.JsonPath, Json(ceilings, results));
        }

        var failures = results.Count(result => result.Failure is not null && !result.Skipped);
        var skips = results.Count(result => result.Skipped);
        Console.WriteLine($"{results.Count - failures - skips} kernels passed, {failures} failed, {skips} not on this device");
        return failures == 0 && results.Count > 0 ? ExitCode.Success : ExitCode.CheckFailed;
    }

    private IEnumerable<KernelCase> Cases()
    {
        var tokens = options.Tokens ?? (options.Verify ? TokensToVerify : Tokens);
        foreach (var model in BenchModels.All.Where(model => options.Shapes.Contains(model.Name)))
        {
            foreach (var kernel in KernelCases.OfModel(new KernelProblem(options.Verify ? model.Reduced() : model, tokens))) yield return kernel;
        }

        if (!options.Shapes.Contains(KernelCases.ArenaName)) yield break;
        var arena = new KernelProblem(BenchModels.All[0] with { Name = KernelCases.ArenaName }, tokens);
        foreach (var kernel in KernelCases.OfArena(arena, options.Verify ? ArenaLengthToVerify : ArenaLength)) yield return kernel;
    }

    private bool IsCopyRight()
    {
        memory!.FlushCaches();
        memory.Copy();
        if (memory.IsCopied()) return true;
        Console.WriteLine("the copy that is the ceiling does not copy");
        return false;
    }

    private DeviceCeilings? MeasureCeilings()
    {
        if (timer is null) return null;
        using var operands = new OperandArena(backend);
        var ceilings = DeviceCeilings.Measure(operands, memory!, timer);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ceilings of this run: copy {ceilings.BytesPerSecond / 1e12:F2} TB/s (read + write), GEMM {ceilings.FlopsPerSecond / 1e12:F0} TFLOP/s ({DeviceCeilings.MatrixSize}³)"));
        return ceilings;
    }

    private KernelResult Run(KernelCase kernel, DeviceCeilings? ceilings)
    {
        var result = new KernelResult(kernel.Name, kernel.Shape, kernel.Bytes, kernel.Flops, null, null, null, null, null, null, Skipped: false);
        if (kernel.Unsupported(backend) is { } reason) return result with { Failure = reason, Skipped = true };
        try
        {
            using var operands = new OperandArena(backend);
            kernel.Prepare(operands);
            kernel.Run(backend);
            backend.Synchronize();
            var worst = kernel.Check().MaxBy(output => output.Error == 0 ? 0 : output.Error / output.Bound);
            result = result with { Output = worst.Output, Error = double.IsFinite(worst.Error) ? worst.Error : null, Bound = worst.Bound };
            if (!worst.IsWithin) return result with { Failure = double.IsFinite(worst.Error) ? "past its bound" : "NaN, or not written everywhere" };
            if (ceilings is null) return result;
            var milliseconds = timer!.MedianMilliseconds(() => kernel.Run(backend), () => kernel.Restore(backend));
            var ceiling = kernel.Flops > 0 ? ceilings.FlopsPerSecond : ceilings.BytesPerSecond;
            return result with { Milliseconds = milliseconds, Fraction = Math.Max(kernel.Flops, kernel.Bytes) / (milliseconds / 1000) / ceiling };
        }
        catch (Exception exception) when (exception is DftNativeException or CudaException or NotSupportedException or ArgumentException)
        {
            return result with { Failure = exception.Message };
        }
    }

    private void Print(KernelResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        var time = result.Milliseconds is { } milliseconds
            ? result.Flops > 0
                ? string.Create(culture, $"{milliseconds,9:F4}{result.Flops / milliseconds / 1e9,6:F0} TF/s{result.Fraction,10:P1}")
                : string.Create(culture, $"{milliseconds,9:F4}{result.Bytes / milliseconds / 1e9,6:F2} TB/s{result.Fraction,10:P1}")
            : timer is null ? "" : new string(' ', 30);
        var error = result.Error is { } value ? string.Create(culture, $"   {value:0.0e+0} ({result.Bound:0.0e+0}, {result.Output})") : "   ";
        var failure = result.Failure is null ? "" : result.Skipped ? $"  - {result.Failure}" : $"  FAILED: {result.Output} {result.Failure}";
        var work = result.Flops > 0 ? string.Create(culture, $"{result.Flops / 1e9,8:G5} GFLOP") : string.Create(culture, $"{result.Bytes / 1e6,8:G5} MB");
        Console.WriteLine($"{result.Name,-42}{result.Shape,-34}{work,14}{time}{error}{failure}");
    }

    private string Json(DeviceCeilings? ceilings, List<KernelResult> results) =>
        JsonSerializer.Serialize(new { Device = backend.Description, Ceilings = ceilings, Kernels = results }, JsonOptions);
}
