using DftNative.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>What doctor is told.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class CudaInstallationTests
{
    [Test]
    public void TheEmulatorIsAWholeInstallation()
    {
        CudaEmulator.Require();
        var home = Environment.GetEnvironmentVariable("DFTNATIVE_CUDA_HOME")!;
        var installation = CudaInstallation.Probe();
        Assert.That(installation.Libraries.Select(library => library.Name), Is.EqualTo(new[] { "driver", "NVRTC", "cuBLASLt" }));
        Assert.That(installation.Libraries.Select(library => library.Problem), Is.All.Null);
        foreach (var library in installation.Libraries)
        {
            Assert.That(library.Path, Does.StartWith(home).And.Contain(".so"), "the file itself, not the name that was asked for");
            Assert.That(library.Version!.Major, Is.EqualTo(12));
            Assert.That(library.Attempts[^1].Failure, Is.Null);
        }

        Assert.That(installation.Libraries[1].Attempts.Select(attempt => attempt.Path), Does.Contain(Path.Combine(home, "libnvrtc.so.13")));
        var device = installation.Devices.Single();
        Assert.That(device.Name, Does.StartWith("EMULATED sm_80"));
        Assert.That((device.Ordinal, device.Problem, device.ComputeCapability), Is.EqualTo((0, (string?)null, new Version(8, 0))));
        Assert.That((device.TotalMemoryInBytes, device.MultiprocessorCount), Is.EqualTo((16L << 30, 108)));
        Assert.That(installation.Problems, Is.Empty);
        Assert.That(installation.IsUsable);
        Assert.That(CudaResources.Contexts, Is.Zero, "asking makes no context");
    }

    [Test]
    public void AnEmptyMachineIsToldWhatToInstall()
    {
        const string variable = "DFTNATIVE_TEST_EMPTY_HOME";
        if (Environment.GetEnvironmentVariable(variable) is null)
        {
            CudaEmulator.Require();
            var home = Directory.CreateTempSubdirectory("dftnative-cuda-home-").FullName;
            File.WriteAllText(Path.Combine(home, "libnvrtc.so.12"), "not a library");
            var child = TestProcess.Run(GetType(), nameof(AnEmptyMachineIsToldWhatToInstall), ("DFTNATIVE_CUDA_HOME", home), (variable, home));
            Directory.Delete(home, recursive: true);
            Assert.That(child.ExitCode, Is.Zero, child.Output);
            return;
        }

        var installation = CudaInstallation.Probe();
        Assert.That(installation.IsUsable, Is.False);
        var (nvrtc, cublasLt) = (installation.Libraries[1], installation.Libraries[2]);
        Assert.That(nvrtc.Problem, Does.Contain("nvidia-cuda-nvrtc-cu12"));
        Assert.That(cublasLt.Problem, Does.Contain("nvidia-cublas-cu12"));
        Assert.That((nvrtc.Path, nvrtc.Version), Is.EqualTo(((string?)null, (Version?)null)));
        Assert.That(nvrtc.Attempts, Has.Count.EqualTo(6));
        Assert.That(nvrtc.Attempts[0].Failure, Is.EqualTo("not there"));
        Assert.That(nvrtc.Attempts[1].Failure, Does.Contain("file too short"));
        if (installation.Libraries[0].Path is null && !Directory.Exists("/usr/local/cuda"))
        {
            Assert.That(
                installation.Libraries[0].Attempts.Select(attempt => attempt.Path), Does.Contain("/usr/local/cuda*/lib64"),
                "places that this machine has not are named too");
        }
    }

    [TestCase("11.8", false)]
    [TestCase("12.0", true)]
    [TestCase("12.4", true)]
    [TestCase("13.0", true)]
    public void ADriverIsForCuda12OrLater(string driver, bool expected) =>
        Assert.That(CudaCompatibility.ProblemOfDriver(Version.Parse(driver)) is null, Is.EqualTo(expected));

    [TestCase("12.8", "12.4", true, "a newer minor version works")]
    [TestCase("12.4", "13.0", true, "an older major one too")]
    [TestCase("13.0", "12.8", false, "a newer major one does not")]
    public void NvrtcAndDriver(string nvrtc, string driver, bool expected, string reason) =>
        Assert.That(CudaCompatibility.ProblemOfNvrtc(Version.Parse(nvrtc), Version.Parse(driver)) is null, Is.EqualTo(expected), reason);

    [TestCase("12.8", "12.4", true)]
    [TestCase("12.4", "13.0", true)]
    [TestCase("13.0.2", "12.8", false)]
    public void CublasLtAndDriver(string cublasLt, string driver, bool expected) =>
        Assert.That(CudaCompatibility.ProblemOfCublasLt(Version.Parse(cublasLt), Version.Parse(driver)) is null, Is.EqualTo(expected));

    [TestCase("12.4", "12.8.1", true)]
    [TestCase("13.0", "12.8.1", false)]
    [TestCase("12.4", "13.0.0", false)]
    public void TwoMajorsAreNotMixed(string nvrtc, string cublasLt, bool expected) =>
        Assert.That(CudaCompatibility.ProblemOfMix(Version.Parse(nvrtc), Version.Parse(cublasLt)) is null, Is.EqualTo(expected));

    [TestCase("7.5", false)]
    [TestCase("8.0", true)]
    [TestCase("12.0", true)]
    public void ADeviceHasBf16(string computeCapability, bool expected) =>
        Assert.That(CudaCompatibility.ProblemOfDevice("GPU", Version.Parse(computeCapability)) is null, Is.EqualTo(expected));

    [TestCase("12.4", "9.0", true)]
    [TestCase("12.4", "10.0", false)]
    [TestCase("12.8", "12.0", true)]
    public void NvrtcKnowsTheDevice(string nvrtc, string computeCapability, bool expected) =>
        Assert.That(CudaCompatibility.ProblemOfNvrtc(Version.Parse(nvrtc), "GPU", Version.Parse(computeCapability)) is null, Is.EqualTo(expected));
}
