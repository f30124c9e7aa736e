using DftNative.Backends;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Reference;

namespace DftNative.Tests.Models;

/// <summary>Passes that a device fills up with dead rows: the same loss and gradients, whatever fresh memory holds.</summary>
public sealed class PaddedPassTests
{
    /// <summary>Sums over more rows are cut differently: a few roundings of fp32.</summary>
    private const double Tolerance = 1e-5;

    /// <summary>Dead rows of several documents, of one row, and none at all.</summary>
    [Test]
    public void DeadRowsAddNothing([Values] ModelArchitecture architecture, [Values(60, 61, 350)] int maxTokens)
    {
        var configuration = SmallModel.Configuration(architecture);
        var batch = new MicroBatch(SmallModel.Rows(3, 25, 1, 34), new TokenLossOptions(), []);
        Assert.That(batch.TokenCount, Is.EqualTo(60));
        var (expected, expectedLoss) = Run(isPadded: false, configuration, batch, maxTokens);
        var (actual, loss) = Run(isPadded: true, configuration, batch, maxTokens);
        Assert.Multiple(() =>
        {
            Assert.That(loss.Tokens, Is.EqualTo(expectedLoss.Tokens));
            Assert.That(loss.Loss, Is.EqualTo(expectedLoss.Loss).Within(1e-6));
            foreach (var (name, gradient) in expected)
                Assert.That(RelativeError.Of([.. gradient.Select(value => (double)value)], actual[name]) <= Tolerance, name);
        });
    }

    [Test]
    public void AModelThatADeviceCannotComputeIsRefusedWithTheFieldsName()
    {
        var configuration = SmallModel.Configuration(ModelArchitecture.Llama);
        Check("head_dim is 14", new BackendLimits(4, 1000, 128));
        Check("hidden_size is 40", new BackendLimits(2, 39, 128));
        Check("intermediate_size is 56", new BackendLimits(5, 40, 128));
        Check("multiples of 2 up to 12", new BackendLimits(2, 40, 12));
        using var fitting = new AlteredBackend { Limits = new BackendLimits(2, 40, 14) };
        Assert.DoesNotThrow(() => ModelSupport.Require(fitting, configuration));

        void Check(string message, BackendLimits limits)
        {
            using var backend = new AlteredBackend { Limits = limits };
            var exception = Assert.Throws<DftNativeException>(() => _ = new Transformer(backend, configuration, new TransformerOptions(8)));
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain(message).And.Contain("altered CPU"));
            Assert.That(backend.AllocatedBytes, Is.Zero);
        }
    }

    /// <summary>Two passes, so that the second meets what the first has left.</summary>
    private static (Dictionary<string, float[]> Gradients, TokenLossStatistics Loss) Run(
        bool isPadded, ModelConfiguration configuration, MicroBatch batch, int maxTokens)
    {
        using var backend = new AlteredBackend { PadsMicroBatches = isPadded };
        using var transformer = new Transformer(backend, configuration, new TransformerOptions(maxTokens) { Training = true });
        SmallModel.Load(backend, transformer, SmallModel.Parameters(transformer.Layout));
        var first = new MicroBatch(SmallModel.Rows(4, 20, 37), new TokenLossOptions(), []);
        transformer.ForwardBackward(first, TokenWeighting.Dft, 1f / first.TargetCount);
        transformer.ZeroGradients();
        transformer.ResetStatistics();
        transformer.ForwardBackward(batch, TokenWeighting.Dft, 1f / batch.TargetCount);
        return (transformer.Layout.Tensors.ToDictionary(tensor => tensor.Name, tensor => SmallModel.Gradient(backend, transformer, tensor)), transformer.ReadStatistics());
    }
}
