using System.Runtime.Intrinsics;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Backends.Cpu;

[TestFixture(true)]
[TestFixture(false)]
internal sealed class ManagedGemmTests(bool useVector512) : GemmTestCases
{
    [Test]
    public void DescriptionSaysWhy() => Assert.That(new ManagedGemm("no library").Description, Does.Match(@"^managed \S+ GEMM \(no library\)$"));

    protected override Gemm Create()
    {
        if (useVector512 && !Vector512.IsHardwareAccelerated)
            Assert.Ignore("no AVX-512 here");
        return new ManagedGemm("test", useVector512);
    }
}
