using DftNative.Cuda;
using DftNative.Cuda.Interop;

namespace DftNative.Tests.Cuda;

[TestFixture]
internal sealed class CudaLibraryResolverTests
{
    private string home = null!;

    [SetUp]
    public void MakeHome() => home = Directory.CreateTempSubdirectory("dftnative-cuda-home-").FullName;

    [TearDown]
    public void DeleteHome() => Directory.Delete(home, recursive: true);

    [Test]
    public void AMissingLibraryListsEveryPathTried()
    {
        Assert.That(CudaLibraryResolver.Load("nvrtc", home, out var attempts), Is.EqualTo((nint)0));
        var exception = new CudaLibraryNotFoundException("nvrtc", attempts);
        string[] expected =
        [
            Path.Combine(home, "libnvrtc.so.13"), Path.Combine(home, "libnvrtc.so.12"),
            Path.Combine(home, "lib64", "libnvrtc.so.13"), Path.Combine(home, "lib64", "libnvrtc.so.12"),
            Path.Combine(home, "lib", "libnvrtc.so.13"), Path.Combine(home, "lib", "libnvrtc.so.12"),
        ];
        Assert.That(attempts.Select(attempt => attempt.Path), Is.EqualTo(expected), "where DFTNATIVE_CUDA_HOME is set, NVRTC comes from there or not at all");
        foreach (var path in expected) Assert.That(exception.Message, Does.Contain(path));
        Assert.That(exception.Message, Does.Contain("DFTNATIVE_CUDA_HOME").And.Not.Contain("\n"));
    }

    [Test]
    public void WithoutAHomeTheLoaderComesFirst()
    {
        Assert.That(CudaLibraryResolver.Candidates("nvrtc", null).Take(2), Is.EqualTo(new[] { "libnvrtc.so.13", "libnvrtc.so.12" }));
        Assert.That(CudaLibraryResolver.Candidates("nvrtc", "").First(), Is.EqualTo("libnvrtc.so.13"), "an empty variable is none");
    }

    [Test]
    public void TheDriverIsLookedForBeyondTheHome()
    {
        var candidates = CudaLibraryResolver.Candidates("cuda", home).ToList();
        Assert.That(candidates[0], Is.EqualTo(Path.Combine(home, "libcuda.so.1")));
        Assert.That(candidates, Does.Contain("libcuda.so.1"));
    }

    [Test]
    public void AFileThatIsNoLibraryIsPassedOver()
    {
        File.WriteAllText(Path.Combine(home, "libnvrtc.so.13"), "not a library");
        Assert.That(CudaLibraryResolver.Load("nvrtc", home, out var attempts), Is.EqualTo((nint)0));
        Assert.That(attempts[0].Failure, Does.Contain("libnvrtc.so.13").And.Contain("file too short"), "the loader's own words");
        Assert.That(attempts[1].Failure, Is.EqualTo(CudaLibraryResolver.NotThere));
        Assert.That(new CudaLibraryNotFoundException("nvrtc", attempts).Message, Does.Contain("file too short"));
    }

    [Test]
    public void PythonPackagesOfTheEnvironmentAreTried()
    {
        var packages = Path.Combine(home, "lib", "python3.13", "site-packages", "nvidia", "cuda_nvrtc", "lib");
        Directory.CreateDirectory(packages);
        var before = Environment.GetEnvironmentVariable("VIRTUAL_ENV");
        Environment.SetEnvironmentVariable("VIRTUAL_ENV", home);
        try
        {
            Assert.That(CudaLibraryResolver.Candidates("nvrtc", null), Does.Contain(Path.Combine(packages, "libnvrtc.so.12")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("VIRTUAL_ENV", before);
        }
    }
}
