using DftNative.Backends.Cpu;

namespace DftNative.Tests.Backends.Cpu;

[TestFixture]
internal sealed class OpenBlasGemmTests : GemmTestCases
{
    [Test]
    public void DescriptionNamesVersionAndKernels() => Assert.That(Create().Description, Does.Match(@"^OpenBLAS \d+\.\d+\S* \(\w+\), A·Bᵀ by managed \S+$"));

    [Test]
    public void NoneDisables()
    {
        Assert.That(OpenBlasGemm.TryLoad("none", out string reason), Is.Null);
        Assert.That(reason, Does.Contain("DFTNATIVE_OPENBLAS=none"));
    }

    [Test]
    public void MissingFileIsAnError()
    {
        var error = Assert.Throws<DftNativeException>(() => OpenBlasGemm.TryLoad("/nowhere/libopenblas.so", out _));
        Assert.That(error!.ExitCode, Is.EqualTo(ExitCode.Device));
        Assert.That(error.Message, Does.Contain("/nowhere/libopenblas.so"));
    }

    [Test]
    public void OtherLibraryIsAnError()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Ignore("needs libc.so.6 as the library that is not OpenBLAS");
        var error = Assert.Throws<DftNativeException>(() => OpenBlasGemm.TryLoad("libc.so.6", out _));
        Assert.That(error!.Message, Does.Contain("cblas_sgemm"));
    }

    protected override Gemm Create()
    {
        OpenBlasGemm? gemm = OpenBlasGemm.TryLoad(out string reason);
        if (gemm is null)
            Assert.Ignore(reason);
        return gemm;
    }
}
