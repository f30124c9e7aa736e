using DftNative.Backends.Cuda;
using DftNative.Checkpoints;
using DftNative.Cuda;
using DftNative.Train;
using DftNative.Training;

namespace DftNative.Tests.Cuda.EndToEnd;

/// <summary>A kernel that faults in the middle of a run. It loses the device's context, so every backend of the test ends with it.</summary>
[NonParallelizable]
internal sealed class CudaFaultTests
{
    private const string Broken = """
        #include "memory.cuh"
        extern "C" __global__ void broken(unsigned int* data, int length) {
            store(GlobalView<unsigned int>{data, length}, 1 << 20, 0u);
        }
        """;

    [OneTimeSetUp]
    public void BuildEmulator() => CudaEmulator.Require();

    [Test]
    public void ItsNameIsToldAndTheLastCheckpointStaysWhole()
    {
        using var run = new CudaRun();
        var options = run.Options("out") with { MaxSteps = 5, SaveSteps = 2 };
        CudaException? fault;
        using (var backend = new CudaBackend())
        using (var trainer = new Trainer(backend, run.Model, CudaRun.Rows(24), [], options))
        {
            fault = Assert.Throws<CudaException>(() => trainer.Run(new Saboteur(backend, step: 3)));
        }

        using var error = new StringWriter();
        var exitCode = ErrorReport.Write(fault!, error);
        Assert.Multiple(() =>
        {
            Assert.That(fault!.IsContextLost);
            Assert.That(exitCode, Is.EqualTo(ExitCode.Device));
            Assert.That(error.ToString(), Does.Contain("broken"));
            Assert.That(error.ToString().Trim().Split('\n'), Has.Length.LessThanOrEqualTo(4));
            Assert.That(TrainingCheckpoint.Latest(run.PathOf("out")), Does.EndWith("checkpoint-2"));
            Assert.That(CudaResources.Contexts, Is.Zero);
        });
        using (var checkpoint = TrainingCheckpoint.Open(run.PathOf("out/checkpoint-2"))) Assert.That(checkpoint.Step, Is.EqualTo(2));

        using var next = new CudaBackend();
        Assert.That(run.Train(next, options with { ResumeFromCheckpoint = "latest" }), Has.Count.EqualTo(3));
    }

    [Test]
    public void ATextThatDoesNotCompileIsTheCompilersLogWithFileAndLineInFourLines()
    {
        const string text = """
            #include "memory.cuh"
            extern "C" __global__ void broken(int* data) {
                store(GlobalView<int>{data, 1}, 0, first_unknown);
                store(GlobalView<int>{data, 1}, 0, second_unknown);
                store(GlobalView<int>{data, 1}, 0, third_unknown);
                store(GlobalView<int>{data, 1}, 0, fourth_unknown);
            }
            """;
        using var device = new TestDevice();
        var exception = Assert.Throws<CudaCompilationException>(() => device.CompileOnly("broken.cu", text));
        using var error = new StringWriter();
        Assert.Multiple(() =>
        {
            Assert.That(ErrorReport.Write(exception!, error), Is.EqualTo(ExitCode.Device));
            Assert.That(error.ToString(), Does.Match(@"broken\.cu.3").And.Contain("first_unknown").And.Not.Contain("fourth_unknown"));
            Assert.That(error.ToString().Trim().Split('\n'), Has.Length.EqualTo(4));
        });
    }

    /// <summary>Launches the broken kernel after a step.</summary>
    private sealed class Saboteur(CudaBackend backend, int step) : ITrainingObserver
    {
        public void OnStarted(TrainingPlan plan) { }

        public void OnStep(StepMetrics metrics)
        {
            if (metrics.Step != step) return;
            var program = CudaRuntimeCompiler.Compile(
                new CudaProgramSource("broken.cu", Broken), KernelSources.Headers,
                [$"--gpu-architecture={KernelLibrary.ArchitectureOf(backend.Context.ComputeCapability)}", "--std=c++20"]);
            using var module = new CudaModule(backend.Context, program.Image);
            using var stream = new CudaStream(backend.Context);
            using var data = new CudaDeviceVariable<uint>(backend.Context, 64);
            module.GetKernel("broken").Launch(new LaunchConfiguration(1, 32, 0, stream), data.DevicePointer, 64);
            stream.Synchronize();
        }

        public void OnCheckpointSaved(int step, string directory) { }

        public void OnFinished(TrainingResult result) { }
    }
}
