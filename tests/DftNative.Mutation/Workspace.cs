using System.Diagnostics;

namespace DftNative.Mutation;

/// <summary>A copy of the repository's files, in which faults are planted; the repository itself is never touched.</summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>Where DftNative reads kernels from instead of its own resources.</summary>
    private const string KernelsVariable = "DFTNATIVE_KERNELS";

    private const string CudaHomeVariable = "DFTNATIVE_CUDA_HOME";
    private readonly string root;
    private readonly string folder = Directory.CreateTempSubdirectory("dftnative-mutation-").FullName;

    /// <summary>Copies and builds.</summary>
    public Workspace(string root)
    {
        this.root = root;
        var files = Run(root, "git", ["ls-files", "--cached", "--others", "--exclude-standard"], TimeSpan.FromMinutes(1)).Output;
        foreach (var file in files.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!File.Exists(Path.Combine(root, file))) continue;
            var target = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(root, file), target);
        }

        if (!Build()) throw new InvalidOperationException("the unchanged project does not build");
    }

    /// <summary>Runs tests on the unchanged text; false if one fails.</summary>
    public (bool Passed, TimeSpan Duration) RunUnchanged(IReadOnlyList<string> classes)
    {
        var watch = Stopwatch.StartNew();
        return (RunTests(classes, null, TimeSpan.FromMinutes(9)), watch.Elapsed);
    }

    /// <summary>Plants a fault, runs the tests that cover it, and removes it.</summary>
    public Verdict Try(MutationSite site, IReadOnlyList<string> classes, TimeSpan limit)
    {
        if (!site.File.EndsWith(".cs", StringComparison.Ordinal)) return TryKernel(site, classes, limit);
        var path = Path.Combine(folder, site.File);
        var text = File.ReadAllText(path);
        File.WriteAllText(path, site.ApplyToText(text));
        try
        {
            return !Build() ? Verdict.Invalid : RunTests(classes, null, limit) ? Verdict.Survived : Verdict.Killed;
        }
        finally
        {
            File.WriteAllText(path, text);
        }
    }

    /// <summary>Builds the unchanged C# again, after faults were planted in it.</summary>
    public void Restore() => Build();

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Kernels are compiled at run time: no build is needed, so several can be tried at once.</summary>
    private Verdict TryKernel(MutationSite site, IReadOnlyList<string> classes, TimeSpan limit)
    {
        var kernels = Directory.CreateTempSubdirectory("dftnative-mutant-").FullName;
        try
        {
            foreach (var path in Directory.EnumerateFiles(Path.Combine(folder, "kernels")))
            {
                var text = File.ReadAllText(path);
                var isMutated = Path.GetFileName(path) == Path.GetFileName(site.File);
                File.WriteAllText(Path.Combine(kernels, Path.GetFileName(path)), isMutated ? site.ApplyToText(text) : text);
            }

            return RunTests(classes, kernels, limit) ? Verdict.Survived : Verdict.Killed;
        }
        finally
        {
            Directory.Delete(kernels, recursive: true);
        }
    }

    private bool Build() =>
        Run(folder, "dotnet", ["build", "tests/DftNative.Tests", "-c", "Release", "-v", "quiet", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false"], TimeSpan.FromMinutes(9)).ExitCode == 0;

    /// <summary>Whether every test passed within the time; stopped at the first that fails.</summary>
    private bool RunTests(IReadOnlyList<string> classes, string? kernels, TimeSpan limit)
    {
        var filter = $"({string.Join('|', classes.Select(name => $"FullyQualifiedName~.{name}."))})&TestCategory!=Slow";
        var environment = new Dictionary<string, string> { [CudaHomeVariable] = Path.Combine(root, "build", "cuda-emulator") };
        if (kernels is not null) environment[KernelsVariable] = kernels;
        return Run(
            folder, Path.Combine(folder, "tests/DftNative.Tests/bin/Release/net10.0/DftNative.Tests"), ["--progress", "off", "--ansi", "off", "--filter", filter],
            limit, environment, line => line.StartsWith("failed ", StringComparison.Ordinal)).ExitCode == 0;
    }

    private static (int ExitCode, string Output) Run(
        string directory, string program, IEnumerable<string> arguments, TimeSpan limit,
        Dictionary<string, string>? environment = null, Predicate<string>? stopsAt = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? []) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (output) output.AppendLine(line.Data);
            if (stopsAt?.Invoke(line.Data) == true) Kill(process);
        };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        if (!process.WaitForExit(limit)) Kill(process);
        process.WaitForExit();
        lock (output) return (process.ExitCode, output.ToString());
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }
    }
}
