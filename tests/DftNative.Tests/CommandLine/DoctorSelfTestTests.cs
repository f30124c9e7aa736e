using DftNative.Backends.Cuda.SelfTest;
using DftNative.Tests.Cuda;
using DftNative.Train.Commands;

namespace DftNative.Tests.CommandLine;

/// <summary><c>doctor --selftest</c> as a user runs it, on the emulator.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class DoctorSelfTestTests
{
    private const string NoDevices = "DFTNATIVE_EMULATED_DEVICES";

    [SetUp]
    public void RequireEmulator() => CudaEmulator.Require();

    [Test]
    public void ARowAWrapperAndThatTheDeviceIsEmulated()
    {
        using var process = new CommandLineProcess("doctor", "--selftest");
        Assert.That(process.Wait(), Is.Zero, process.Error);
        var lines = process.Output.TrimEnd().Split('\n');
        Assert.That(lines[0], Does.Match(@"^self-test on EMULATED sm_80 \(CPU\), sm_80, NVRTC 12\.4$"));
        Assert.That(lines[1], Does.Contain("EMULATED").And.Contain("says nothing about a GPU"));
        Assert.That(lines[2..^1], Has.All.Match(@"^ok      \w\S*.*  \S"));
        Assert.That(lines[^1], Is.EqualTo($"all {lines.Length - 3} as the PTX manual says"));
        Assert.That(process.Output, Does.Match(@"multiply_accumulate +mma\.sync\.aligned\.m16n8k16"));
    }

    [TestCase("cuda", "0", 4, "CUDA_ERROR_NO_DEVICE")]
    [TestCase("cuda:1", "1", 4, "CUDA_ERROR_INVALID_DEVICE")]
    [TestCase("cpu", "1", 2, "'cpu' is not one of cuda, cuda:N")]
    [TestCase("cuda:-1", "1", 2, "'cuda:-1' is not one of cuda, cuda:N")]
    public void WithoutTheDeviceItIsAnError(string device, string deviceCount, int exitCode, string message)
    {
        using var process = new CommandLineProcess(
            new Dictionary<string, string> { [NoDevices] = deviceCount }, "doctor", "--selftest", "--device", device);
        Assert.That(process.Wait(), Is.EqualTo(exitCode));
        Assert.That(process.Output, Is.Empty);
        Assert.That(process.Error, Does.StartWith("error: ").And.Contain(message));
    }

    [Test]
    public void AFailureShowsWhatWasExpectedAndEndsWithOne()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var exitCode = DoctorSelfTest.Print(
            new SelfTestReport("GPU", false, [new("exp2", "ex2", null), new("shuffle", "shfl", "word 3: expected 1, got 2")]), output);
        Assert.That(exitCode, Is.EqualTo(ExitCode.CheckFailed));
        Assert.That(output.ToString(), Is.EqualTo(
            "self-test on GPU\nok      exp2     ex2\nFAILED  shuffle  shfl\n        word 3: expected 1, got 2\n1 of 2 FAILED: do not train on this device\n"));
    }

    [Test]
    public void ExpectationsTellBitsNumbersAndNaNApart()
    {
        SelfTestCheck Check(ExpectedWord expected) => new("w", "i", [ExpectedWord.Exactly(1f), expected]);
        var (one, nan, next) = (BitConverter.SingleToUInt32Bits(1f), 0xFFFF_FFFF, BitConverter.SingleToUInt32Bits(1.0000001f));
        Assert.Multiple(() =>
        {
            Assert.That(Check(ExpectedWord.Exactly(1f)).FindDifference([one, one]), Is.Null);
            Assert.That(Check(ExpectedWord.Exactly(1f)).FindDifference([one, next]), Is.EqualTo(
                "word 1: expected 0x3F800000 (1), got 0x3F800001 (1.00000012); 1 of 2 words differ"));
            Assert.That(Check(ExpectedWord.Near(1, 1.2e-7)).FindDifference([one, next]), Is.Null);
            Assert.That(Check(ExpectedWord.Near(1, 1.1e-7)).FindDifference([one, next]), Does.StartWith("word 1: expected 1 ± 1.1e-07, got"));
            Assert.That(Check(ExpectedWord.Near(1, 1)).FindDifference([nan, nan]), Does.EndWith("2 of 2 words differ"), "NaN is near nothing");
            Assert.That(Check(ExpectedWord.NotANumber).FindDifference([one, nan]), Is.Null);
            Assert.That(Check(ExpectedWord.Exactly(float.NaN)).FindDifference([one, one]), Does.StartWith("word 1: expected NaN"));
        });
    }
}
