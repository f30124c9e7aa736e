using DftNative.Bench;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Bench;

/// <summary>The benchmark of sampling on a GPU, on the emulator: at a reduced shape, without times.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class GpuDecodeBenchTests
{
    [TestCase("qwen2.5-1.5b")]
    [TestCase("qwen2.5-7b", Category = "Slow")]
    public void AReducedModelIsSampledFromAndNotTimed(string model)
    {
        KernelDevice.Require();
        var (output, console) = (new StringWriter(), Console.Out);
        Console.SetOut(output);
        try
        {
            Assert.That(GpuDecodeBench.Run(model, promptTokens: 512, newTokens: 128, prompts: 16), Is.EqualTo(ExitCode.Success));
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.That(output.ToString(), Does.StartWith(model).And.Contains("not timed").And.Contains("16 samples of 1 prompts").And.Not.Contains("tokens/s"));
    }

    [Test]
    public void AModelThatIsNotThereAndNothingToTimeAreUsageErrors()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Assert.Throws<DftNativeException>(() => GpuDecodeBench.Run("gpt", 1, 2, 1))!.Message, Does.Contain("qwen2.5-7b"));
            Assert.That(Assert.Throws<DftNativeException>(() => GpuDecodeBench.Run("qwen2.5-7b", 1, 1, 1))!.ExitCode, Is.EqualTo(ExitCode.Usage));
        });
    }
}
