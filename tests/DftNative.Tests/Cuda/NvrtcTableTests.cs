using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The kept table of registers, without compiling anything.</summary>
[TestFixture]
internal sealed class NvrtcTableTests
{
    [Test]
    public void NamesEveryVariantThatThereIs() => NvrtcTable.AssertNames(KernelVariants.All.Select(variant => variant.ToString()));

    [Test]
    public void SaysWhichCompilerMadeIt() =>
        Assert.That(NvrtcTable.Read()[0], Does.Match(@"^NVRTC \d+\.\d+: registers / bytes of static shared memory; of attention / of dynamic / blocks a multiprocessor$"));
}
