using DftNative.Data;
using DftNative.Losses;

namespace DftNative.Training;

/// <summary>Published recipes by name.</summary>
public static class TrainingPresets
{
    /// <summary>
    /// Wu et al. 2025 (arXiv 2508.05629), section 4.1, as the authors' verl trainer runs it: the first 100,000 rows of
    /// NuminaMath-CoT, the problem as a user turn through the model's chat template, the solution and eos_token as the
    /// answer; 390 steps of 256 rows.
    /// </summary>
    public const string NuminaCot = "numina-cot";

    /// <summary>The name, or null for none.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no such preset.</exception>
    public static string? Check(string name) => name switch
    {
        "none" => null,
        NuminaCot => name,
        _ => throw new DftNativeException(ExitCode.Usage, $"preset: there is no '{name}'; there is {NuminaCot}"),
    };

    /// <summary>Sets every value of a recipe, also those that are defaults today.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is no such preset.</exception>
    public static void Apply(string name, TrainingOptions options)
    {
        options.Preset = Check(name);
        if (options.Preset is null) return;
        options.RowForm = RowForm.ProblemSolution;
        options.ResponseEnd = ResponseEnd.Eos;
        options.MaxTrainSamples = 100_000;
        options.LossType = LossType.Dft;
        options.DftExponent = 1;
        options.GlobalBatchSize = 256;
        options.MaxLength = 2048;
        options.MaxLengthAction = Truncation.Truncate;
        options.DropLast = true;
        options.NumTrainEpochs = 1;
        options.LearningRate = 5e-5;
        options.LearningRateScheduleType = LearningRateScheduleType.Cosine;
        options.WarmupRatio = 0.1;
        options.WeightDecay = 0.01;
        options.AdamBeta1 = 0.9;
        options.AdamBeta2 = 0.95;
        options.AdamEpsilon = 1e-8;
        options.MaxGradNorm = 1;
    }
}
