using System.Globalization;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Evaluation;
using DftNative.Losses;
using DftNative.Reference;
using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>
/// Whole models on the emulator beside an ordinary bf16 run of PyTorch on the same weights and rows (tests/oracles), each
/// measured against fp64: bf16's noise is what it is, and ours may not be of another kind. Errors are compared by
/// operators, since NUnit's LessThan holds for NaN.
/// </summary>
[Category("Slow")]
internal sealed class TorchComparisonTests : CudaBackendFixture
{
    private const string Python = "/usr/bin/python3";
    private const double GradientSlack = 5e-3, LogProbabilitySlack = 0.02, LossTolerance = 0.02;

    [Test]
    public void ErrorsAreAtMostTwicePyTorchs([ValueSource(typeof(CudaRun), nameof(CudaRun.Architectures))] string architecture, [Values(LossType.Sft, LossType.Dft)] LossType lossType)
    {
        RequirePyTorch();
        using var run = new CudaRun(architecture);
        var rows = CudaRun.Rows(24, seed: 7, shortest: 4, longest: 60);
        using var check = new GradientCheck(Backend, run.Model, rows, new TrainingOptions { LossType = lossType, MicroBatchTokens = 300 });
        var ours = check.Run();
        using var torch = RunPyTorch(run, run.WriteRows(rows), lossType);
        var reference = new ReferenceTransformer(run.Model.Configuration, run.Model.ReadAsDouble(DataType.BFloat16)).Run(rows, new ReferenceLoss { Type = lossType });

        var torchLogProbabilities = Values(torch, "token.log_prob");
        var torchWorst = torchLogProbabilities.Zip(reference.LogProbabilities, (value, expected) => Math.Abs(value - expected)).Max();
        var tightest = (Share: 0.0, Name: "");
        Assert.Multiple(() =>
        {
            foreach (var parameter in ours.Parameters)
            {
                var torchError = DftNative.Reference.RelativeError.Of(reference.Gradients[parameter.Name], Values(torch, "grad." + parameter.Name));
                var allowed = (2 * torchError) + GradientSlack;
                Assert.That(torchError <= 0.25, $"{parameter.Name}: PyTorch's own");
                Assert.That(parameter.RelativeError <= allowed, $"{parameter.Name}: {parameter.RelativeError}, allowed {allowed}");
                if (parameter.RelativeError / allowed > tightest.Share) tightest = (parameter.RelativeError / allowed, parameter.Name);
            }

            Assert.That(ours.LogProbabilities, Is.All.Matches<float>(float.IsFinite));
            Assert.That(ours.LogProbabilityError <= (2 * torchWorst) + LogProbabilitySlack, $"log p: {ours.LogProbabilityError}, PyTorch's {torchWorst}");
            Assert.That(ours.LossError <= LossTolerance, $"loss {ours.Loss} for {ours.ReferenceLoss}");
            Assert.That(ours.NegativeLogLikelihoodError <= LossTolerance, $"nll {ours.NegativeLogLikelihood} for {ours.ReferenceNegativeLogLikelihood}");
            Assert.That(double.Parse(torch.Metadata["loss"], CultureInfo.InvariantCulture), Is.EqualTo(reference.Loss).Within(2).Percent, "PyTorch's own");
        });
        TestContext.Out.WriteLine(FormattableString.Invariant(
            $"{architecture} {lossType}: worst gradient {ours.Worst.RelativeError:0.0000} ({ours.Worst.Name}), largest log p error {ours.LogProbabilityError:0.0000}, PyTorch's {torchWorst:0.0000}; nearest to its bound {tightest.Name} with {tightest.Share:0.00} of it"));
    }

    private static void RequirePyTorch()
    {
        if (Command.Run(Python, ["-c", "import numpy, torch"]) is not { ExitCode: 0 }) Assert.Ignore("Debian's python3-torch and python3-numpy are not installed");
    }

    private static SafetensorsFile RunPyTorch(CudaRun run, string rowsPath, LossType lossType)
    {
        var output = run.PathOf("torch.safetensors");
        Oracles.Run(Python, Path.Combine(Oracles.Root, "tests", "oracles", "bf16_gradients.py"), run.ModelPath, rowsPath, lossType == LossType.Dft ? "dft" : "sft", output);
        return SafetensorsFile.Open(output);
    }

    private static float[] Values(SafetensorsFile file, string name)
    {
        var values = new float[file.Tensors[name].Length];
        file.Read(file.Tensors[name], 0, values);
        return values;
    }
}
