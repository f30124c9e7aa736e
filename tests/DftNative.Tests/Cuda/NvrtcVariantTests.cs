using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The real NVRTC compiles every kernel variant for every architecture, and its assembler reports no spill. It needs no
/// GPU. A process binds one NVRTC for good, and this one has the emulator's, so the work is done in a second process.
/// Its table of registers is kept (<see cref="NvrtcTable"/>), so that a change shows what it costs.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed partial class NvrtcVariantTests
{
    /// <summary>Set in the second process: where it writes its table.</summary>
    private const string TableVariable = "DFTNATIVE_TEST_NVRTC_TABLE";

    private const int ColumnWidth = 14;

    private static readonly string[] Architectures = ["sm_80", "sm_86", "sm_89", "sm_90", "sm_90a"];

    [Test]
    public void EveryVariantCompilesWithoutSpills()
    {
        if (Environment.GetEnvironmentVariable(TableVariable) is not null)
        {
            CompileAll();
            return;
        }

        var home = Environment.GetEnvironmentVariable("DFTNATIVE_NVRTC");
        if (string.IsNullOrEmpty(home))
        {
            var install = Command.Run("bash", ["tests/nvrtc/install.sh"]);
            if (install is null || install.ExitCode != 0) Assert.Ignore(install?.Output.Trim() ?? "no bash");
            home = install.Output.Trim();
        }

        var table = Path.Combine(Path.GetTempPath(), $"dftnative-nvrtc-{Environment.ProcessId}.txt");
        var child = TestProcess.Run(
            GetType(), nameof(EveryVariantCompilesWithoutSpills), ("DFTNATIVE_CUDA_HOME", home), (TableVariable, table));
        try
        {
            Assert.That(child.ExitCode, Is.Zero, child.Output);
            var text = File.ReadAllText(table);
            TestContext.Progress.WriteLine(text);
            NvrtcTable.WriteOrCompare(text);
        }
        finally
        {
            File.Delete(table);
        }
    }

    private static void CompileAll()
    {
        var table = new StringBuilder();
        table.AppendLine(NvrtcTable.Title(CudaRuntimeCompiler.Version));
        var width = KernelVariants.All.Max(variant => variant.ToString().Length);
        table.AppendLine($"{"kernel".PadRight(width)}{string.Concat(Architectures.Select(architecture => $"{architecture,ColumnWidth}"))}");
        var failures = new List<string>();
        foreach (var variant in KernelVariants.All)
        {
            table.Append(variant.ToString().PadRight(width));
            foreach (var architecture in Architectures) table.Append($"{Compile(variant, architecture, failures),ColumnWidth}");
            table.AppendLine();
        }

        File.WriteAllText(Environment.GetEnvironmentVariable(TableVariable)!, table.ToString());
        Assert.That(failures, Is.Empty);
    }

    /// <summary>
    /// The variant's registers and shared memory, and of an attention kernel the blocks that share a multiprocessor; "-" of
    /// one that the architecture's row of the table does not name. Adds to the failures what the gate does not let through.
    /// </summary>
    private static string Compile(KernelVariant variant, string architecture, List<string> failures)
    {
        var multiprocessor = Multiprocessor.Of(architecture);
        var attention = AttentionKernels.For(multiprocessor.ComputeCapability).FirstOrDefault(kernel => kernel.Variant == variant);
        if (attention is null && AttentionKernels.All.Contains(variant)) return "-";
        try
        {
            var log = CudaRuntimeCompiler.Compile(
                KernelSources.Read(variant.FileName), KernelSources.Headers,
                [.. KernelLibrary.Options(variant, architecture), "--ptxas-options=-v"]).Log;
            // A file may hold several kernels; the variant is one of them.
            log = log.Split("Compiling entry function ").FirstOrDefault(part => part.StartsWith($"'{variant.EntryPoint}'", StringComparison.Ordinal), "");
            var registers = Registers().Match(log);
            if (!registers.Success || !NoStack().IsMatch(log) || Serialized().IsMatch(log))
                failures.Add($"{variant} for {architecture}: {log}");
            var sharedMemory = SharedMemory().Match(log);
            var cell = $"{registers.Groups[1].Value}/{(sharedMemory.Success ? sharedMemory.Groups[1].Value : "0")}";
            if (attention is null || !registers.Success) return cell;
            var blocks = multiprocessor.Blocks(int.Parse(registers.Groups[1].Value, CultureInfo.InvariantCulture), attention.Block);
            return $"{cell}/{attention.Block.SharedMemoryInBytes}/{blocks}";
        }
        catch (CudaCompilationException exception)
        {
            failures.Add($"{variant} for {architecture}: {exception.Message}");
            return "-";
        }
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Registers();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedMemory();

    [GeneratedRegex(@"\b0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads")]
    private static partial Regex NoStack();

    /// <summary>wgmma that ptxas had to serialise.</summary>
    [GeneratedRegex("C7508|C7510")]
    private static partial Regex Serialized();
}
