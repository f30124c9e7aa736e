using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Documentation;

/// <summary>The README's sample of the library, compiled and run; <see cref="ReadmeTests"/> holds the two together.</summary>
internal static class ReadmeSample
{
    // README: begin
    public static string? FineTune(string modelDirectory, string dataFile, string outputDirectory)
    {
        using var backend = new CpuBackend();
        using var model = ModelDirectory.Open(modelDirectory);
        var options = new TrainingOptions { OutputDirectory = outputDirectory, GlobalBatchSize = 32, MaxLength = 512, LearningRate = 1e-4 };
        var tokenizer = Tokenizer.Load(modelDirectory);
        var reader = new RowReader(tokenizer, model.Configuration.VocabularySize, new RowReaderOptions { MaxLength = options.MaxLength });
        var rows = reader.Read([dataFile]).ToList();
        using var trainer = new Trainer(backend, model, rows, evaluationRows: [], options);
        return trainer.Run(new LossPrinter()).FinalDirectory;
    }

    private sealed class LossPrinter : ITrainingObserver
    {
        public void OnStarted(TrainingPlan plan) => Console.WriteLine($"{plan.TotalSteps} steps");
        public void OnStep(StepMetrics metrics) => Console.WriteLine($"step {metrics.Step}: loss {metrics.Statistics.Loss:F4}");
        public void OnCheckpointSaved(int step, string directory) => Console.WriteLine($"saved {directory}");
        public void OnFinished(TrainingResult result) => Console.WriteLine($"{result.Outcome} after step {result.StepsDone}");
    }
    // README: end
}
