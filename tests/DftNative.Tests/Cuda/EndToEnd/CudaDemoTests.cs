using DftNative.Demo;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>The demo on the emulator, cut short. That it runs at all is a quick test of the command.</summary>
[Category("Slow")]
internal sealed class CudaDemoTests : CudaBackendFixture
{
    [Test]
    public void IsRepeatableToTheBitInEveryOrder()
    {
        using var scratch = new ScratchDirectory();
        var settings = new DemoSettings { StepCount = 2, BatchSize = 2, ProblemCount = 2, CurveProblemCount = 1, CurveInterval = 2 };
        var results = new List<DemoResult>();
        foreach (var seed in (ulong[])[0, 1, 2])
        {
            CudaEmulator.SetOrder(seed);
            results.Add(DemoRunner.Run(Backend, settings, scratch.PathOf($"demo-{seed}")));
        }

        Assert.Multiple(() =>
        {
            foreach (var result in results)
            {
                Assert.That(result.Device, Does.StartWith("EMULATED"));
                Assert.That(result.Models.Select(model => model.Solutions.NegativeLogLikelihood), Is.EqualTo(results[0].Models.Select(model => model.Solutions.NegativeLogLikelihood)));
                Assert.That(result.Models.Select(model => model.SampledSolution), Is.EqualTo(results[0].Models.Select(model => model.SampledSolution)));
            }

            foreach (var model in (string[])["sft", "dft"])
            {
                var weights = Weights("demo-0", model);
                Assert.That(Weights("demo-1", model), Is.EqualTo(weights));
                Assert.That(Weights("demo-2", model), Is.EqualTo(weights));
            }

            Assert.That(Weights("demo-0", "sft"), Is.Not.EqualTo(Weights("demo-0", "dft")));
        });

        byte[] Weights(string demo, string model) => File.ReadAllBytes(scratch.PathOf($"{demo}/models/{model}/model.safetensors"));
    }
}
