using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Losses;
using DftNative.Tokenizers;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Demo;

/// <summary>
/// Makes the demo's base model from nothing: random weights, then this project's trainer on generated solutions, of whose
/// steps a tenth are wrong. How <c>Assets/model.safetensors</c> was made; bitwise the same again on the same kind of machine.
/// </summary>
public static class DemoPretraining
{
    /// <summary>The probability that a step of a solution is wrong.</summary>
    public const double WrongStepShare = 0.10;

    private const int DefaultStepCount = 1500;
    private const int BatchSize = 64;

    /// <summary>Of the weights, the solutions and their order. Distinct from what seeds of the demo are likely to be.</summary>
    private const ulong Seed = 20_250_807;

    /// <summary>Pretrains, and writes the run with the model in <c>final/</c>.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="output">Directory of the run; must be empty or not exist.</param>
    /// <param name="observer">Told of every step.</param>
    /// <param name="logger">Told what a user should know.</param>
    /// <param name="stop">Ends the run after the step in progress.</param>
    /// <param name="stepCount">Optimizer steps.</param>
    public static TrainingResult Run(
        IBackend backend, string output, ITrainingObserver? observer = null, ILogger? logger = null,
        CancellationToken stop = default, int stepCount = DefaultStepCount)
    {
        new RunDirectory(output).Claim(resumeFromCheckpoint: null);
        var scratch = Directory.CreateTempSubdirectory("dftnative-demo-").FullName;
        try
        {
            DemoAssets.ExtractWithoutWeights(scratch);
            var initial = Path.Combine(scratch, "initial");
            ModelInitializer.CreateDirectory(scratch, initial, Seed, SaveDataType.Float32);
            using var model = ModelDirectory.Open(initial);
            var rows = CreateRows(new DemoRows(Tokenizer.Load(initial)), stepCount * BatchSize);
            using var trainer = new Trainer(backend, model, rows, [], CreateOptions(output, stepCount), logger);
            return trainer.Run(observer, stop);
        }
        finally
        {
            AtomicDirectory.RemoveQuietly(scratch);
        }
    }

    private static TrainingOptions CreateOptions(string output, int stepCount) => new()
    {
        OutputDirectory = output,
        LossType = LossType.Sft,
        LearningRate = 3e-3,
        GlobalBatchSize = BatchSize,
        MaxSteps = stepCount,
        MicroBatchTokens = BatchSize * NoisyAddition.TokenCount,
        Seed = (long)Seed,
        SaveSteps = 0,
        SaveTotalLimit = 1,
        SaveDataType = SaveDataType.BFloat16,
    };

    private static TrainingRow[] CreateRows(DemoRows rows, int count)
    {
        var result = new TrainingRow[count];
        for (var i = 0; i < count; i++)
        {
            var (problem, solution) = AdditionTask.Demonstrate(Seed, i, WrongStepShare);
            result[i] = rows.CreateRow(problem.Prompt, solution);
        }

        return result;
    }
}
