using DftNative.Backends.Cuda;
using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The cubin cache: what it finds again, and that nothing in its folder can do harm.</summary>
[TestFixture]
internal sealed class CudaProgramCacheTests : CudaDeviceFixture
{
    private static readonly CudaProgramSource Source = new("set.cu", """
        #include "memory.cuh"
        #warning a remark
        extern "C" __global__ void set(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, 0, static_cast<unsigned int>(VALUE));
        }
        """);

    private readonly List<string> warnings = [];
    private string folder = null!;
    private CudaProgramCache cache = null!;

    private string CachedFile => Directory.GetFiles(folder).Single();

    [SetUp]
    public void Open()
    {
        folder = Path.Combine(Directory.CreateTempSubdirectory("dftnative-kernel-cache-").FullName, "kernels");
        cache = new CudaProgramCache(folder) { Warn = warnings.Add };
        warnings.Clear();
    }

    [TearDown]
    public void DeleteFolder()
    {
        if (folder is not null) Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    [Test]
    public void ASecondUseCompilesNothing()
    {
        var first = cache.Compile(Source, KernelSources.Headers, Options(7));
        var again = new CudaProgramCache(folder);
        var second = again.Compile(Source, KernelSources.Headers, Options(7));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((1, 0)));
        Assert.That((again.Compilations, again.Hits), Is.EqualTo((0, 1)));
        Assert.That(second.Image, Is.EqualTo(first.Image));
        Assert.That(second.Log, Is.EqualTo(first.Log));
        Assert.That(Run(again, 7), Is.EqualTo(7u));
        Assert.That(warnings, Is.Empty);
        Assert.That(Path.GetFileName(CachedFile), Does.Match(@"^set-[0-9a-f]{32}\.cubin$"), "no temporary file is left");
    }

    [Test]
    public void AnotherTextHeaderOrOptionIsAnotherProgram()
    {
        cache.Compile(Source, KernelSources.Headers, Options(1));
        cache.Compile(Source, KernelSources.Headers, Options(2));
        cache.Compile(Source with { Text = Source.Text + "\n" }, KernelSources.Headers, Options(1));
        cache.Compile(Source with { FileName = "other.cu" }, KernelSources.Headers, Options(1));
        cache.Compile(Source, [.. KernelSources.Headers.Select(header => header with { Text = header.Text + "\n" })], Options(1));
        cache.Compile(Source, KernelSources.Headers, [.. Options(1), "-DVALUE2"]);
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((6, 0)));
        Assert.That(Run(cache, 1), Is.EqualTo(1u));
        Assert.That(Run(cache, 2), Is.EqualTo(2u));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((6, 2)));
    }

    private static IEnumerable<TestCaseData> Damages()
    {
        yield return Damage("empty", _ => []);
        yield return Damage("cut off in the header", file => file[..40]);
        yield return Damage("cut off", file => file[..^1]);
        yield return Damage("longer", file => [.. file, 0]);
        yield return Damage("another magic word", file => Changed(file, 0));
        yield return Damage("another key", file => Changed(file, 20));
        yield return Damage("another hash", file => Changed(file, 50));
        yield return Damage("another log length", file => Changed(file, 83));
        yield return Damage("a changed bit", file => Changed(file, file.Length / 2));
        yield return Damage("a foreign file", _ => [.. "\u007fELF"u8, .. new byte[4096]]);

        static TestCaseData Damage(string name, Func<byte[], byte[]> damage) => new TestCaseData(damage).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Damages))]
    public void ADamagedFileIsCompiledAgainAndReplaced(Func<byte[], byte[]> damage)
    {
        Run(cache, 5);
        var sound = File.ReadAllBytes(CachedFile);
        File.WriteAllBytes(CachedFile, damage(sound));
        Assert.That(Run(cache, 5), Is.EqualTo(5u));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((2, 0)));
        Assert.That(warnings, Is.EqualTo(new[] { $"the kernel cache's {CachedFile} is damaged: its kernel is compiled again" }));
        Assert.That(Run(cache, 5), Is.EqualTo(5u));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((2, 1)));
    }

    [Test]
    public void WhatTheDriverRefusesIsCompiledAgain()
    {
        // A sound file of the cache, whose image another build of the compiler made: the byte is of the emulator's identity.
        Run(cache, 5);
        var file = File.ReadAllBytes(CachedFile);
        var image = file.AsSpan().IndexOf("DFTNATIVE-EMULATED-IMG"u8);
        file[image + 32] ^= 1;
        System.Security.Cryptography.SHA256.HashData(file.AsSpan(80), file.AsSpan(48, 32));
        File.WriteAllBytes(CachedFile, file);
        Assert.That(Run(cache, 5), Is.EqualTo(5u));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((2, 1)), "found, refused, and compiled");
        Assert.That(Run(cache, 5), Is.EqualTo(5u));
        Assert.That((cache.Compilations, cache.Hits), Is.EqualTo((2, 2)));
    }

    [Test]
    public void AFolderThatCannotBeWrittenIsNoError()
    {
        // A file stands where the folder should be: that stops root too, whom no permission would.
        File.WriteAllText(folder, "");
        Assert.That(Run(cache, 3), Is.EqualTo(3u));
        Assert.That(Run(cache, 3), Is.EqualTo(3u));
        Assert.That(cache.Compilations, Is.EqualTo(2));
        Assert.That(new FileInfo(folder).Length, Is.Zero);
        Assert.That(warnings, Has.Count.EqualTo(1), "once");
        Assert.That(warnings[0], Does.StartWith($"the kernel cache {folder} cannot be written (").And.Contain("DFTNATIVE_KERNEL_CACHE"));
    }

    /// <summary>A folder stands where the file should be.</summary>
    [Test]
    public void AFileThatCannotBeReadIsCompiledEachTime()
    {
        Run(cache, 5);
        var file = CachedFile;
        File.Delete(file);
        Directory.CreateDirectory(file);
        Assert.That(Run(cache, 5), Is.EqualTo(5u));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(file).And.Contain("cannot be read"));
    }

    [Test]
    public void WithoutAFolderNothingIsKept()
    {
        var none = new CudaProgramCache(null);
        Assert.That(Run(none, 3), Is.EqualTo(3u));
        Assert.That(Run(none, 4), Is.EqualTo(4u));
        Assert.That((none.Compilations, none.Hits), Is.EqualTo((2, 0)));
    }

    [Test]
    public void ARejectedProgramIsNotKept()
    {
        var wrong = Source with { Text = "extern \"C\" __global__ void wrong() { undeclared = 1; }" };
        for (var attempt = 0; attempt < 2; attempt++)
            Assert.That(() => cache.Compile(wrong, [], Options(1)), Throws.InstanceOf<CudaCompilationException>());
        Assert.That(Directory.Exists(folder), Is.False);
    }

    [TestCase(null, null, "HOME/.cache/dftnative/kernels")]
    [TestCase(null, "/caches", "/caches/dftnative/kernels")]
    [TestCase("/own", "/caches", "/own")]
    [TestCase("none", "/caches", null)]
    [TestCase("", "", "HOME/.cache/dftnative/kernels")]
    public void TheEnvironmentChoosesTheFolder(string? own, string? caches, string? expected)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var folder = CudaProgramCache.FolderOf(variable => variable == CudaProgramCache.FolderVariable ? own : caches);
        Assert.That(folder, Is.EqualTo(expected?.Replace("HOME", home, StringComparison.Ordinal)));
    }

    private static byte[] Changed(byte[] file, int index)
    {
        file[index] ^= 1;
        return file;
    }

    private string[] Options(int value) =>
        [$"--gpu-architecture={KernelLibrary.ArchitectureOf(Device.Context.ComputeCapability)}", "--std=c++20", $"-DVALUE={value}"];

    private uint Run(CudaProgramCache programs, int value)
    {
        using var module = programs.Load(Device.Context, Source, KernelSources.Headers, Options(value));
        using var data = Device.Allocate(1);
        module.GetKernel("set").Launch(new LaunchConfiguration(1, 1, 0, Device.Stream), data.DevicePointer, 1);
        var result = new uint[1];
        data.CopyToHost(result, 0, Device.Stream);
        return result[0];
    }
}
