using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>
/// The real NVRTC compiles every kernel variant for every architecture, and its assembler reports no spill. It needs no
/// GPU. A process binds one NVRTC for good, and this one has the emulator's, so the work is done in a second process.
/// </summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed partial class NvrtcVariantTests
{
    private const string ChildVariable = "DFTNATIVE_TEST_REAL_NVRTC";

    private static readonly string[] Architectures = ["sm_80", "sm_86", "sm_89", "sm_90", "sm_90a"];

    [Test]
    public void EveryVariantCompilesWithoutSpills()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) == "1")
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
        var child = Command.Run(
            Path.Combine(AppContext.BaseDirectory, "DftNative.Tests"),
            ["--filter", $"FullyQualifiedName={typeof(NvrtcVariantTests).FullName}.{nameof(EveryVariantCompilesWithoutSpills)}"],
            (ChildVariable, "1"), ("DFTNATIVE_CUDA_HOME", home), ("DFTNATIVE_TEST_TABLE", table))!;
        try
        {
            Assert.That(child.ExitCode, Is.Zero, child.Output);
            TestContext.Progress.WriteLine(File.ReadAllText(table));
        }
        finally
        {
            File.Delete(table);
        }
    }

    private static void CompileAll()
    {
        var table = new StringBuilder(CultureInfo.InvariantCulture, $"NVRTC {CudaRuntimeCompiler.Version}: registers, and bytes of static shared memory\n");
        var failures = new List<string>();
        foreach (var variant in KernelVariants.All)
        {
            table.Append(CultureInfo.InvariantCulture, $"{variant,-64}");
            foreach (var architecture in Architectures)
            {
                try
                {
                    var log = CudaRuntimeCompiler.Compile(
                        KernelSources.Read(variant.FileName), KernelSources.Headers,
                        [.. KernelLibrary.Options(variant, architecture), "--ptxas-options=-v"]).Log;
                    var used = Used().Match(log);
                    if (!used.Success || !NoStack().IsMatch(log) || Serialized().IsMatch(log)) failures.Add($"{variant} for {architecture}: {log}");
                    table.Append(CultureInfo.InvariantCulture, $" {architecture} {used.Groups[1].Value,3} {SharedMemory().Match(log) switch { { Success: true } m => m.Groups[1].Value, _ => "0" }}");
                }
                catch (CudaCompilationException exception)
                {
                    failures.Add($"{variant} for {architecture}: {exception.Message}");
                }
            }

            table.AppendLine();
        }

        if (Environment.GetEnvironmentVariable("DFTNATIVE_TEST_TABLE") is { } path) File.WriteAllText(path, table.ToString());
        Assert.That(failures, Is.Empty);
    }

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex Used();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedMemory();

    [GeneratedRegex(@"\b0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads")]
    private static partial Regex NoStack();

    /// <summary>wgmma that ptxas had to serialise.</summary>
    [GeneratedRegex("C7508|C7510")]
    private static partial Regex Serialized();
}
