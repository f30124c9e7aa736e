namespace DftNative.Training;

/// <summary>What a run will do, known before its first step.</summary>
/// <param name="RowCount">Rows trained on.</param>
/// <param name="TotalSteps">Optimizer steps of the whole run.</param>
/// <param name="StepsPerEpoch">Optimizer steps of a pass over the rows.</param>
/// <param name="StepsDone">Steps of an earlier part that is resumed.</param>
/// <param name="MicroBatchTokens">The most tokens of one pass through the model.</param>
/// <param name="ParameterCount">Parameters of the model.</param>
public sealed record TrainingPlan(int RowCount, int TotalSteps, int StepsPerEpoch, int StepsDone, int MicroBatchTokens, long ParameterCount)
{
    /// <summary>Divides the rows into steps.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: drop_last leaves no step.</exception>
    internal static (int StepsPerEpoch, int TotalSteps) CountSteps(TrainingOptions options, int rowCount)
    {
        var stepsPerEpoch = options.DropLast ? rowCount / options.GlobalBatchSize : (rowCount + options.GlobalBatchSize - 1) / options.GlobalBatchSize;
        if (stepsPerEpoch == 0)
        {
            throw new DftNativeException(
                ExitCode.Usage, $"drop_last leaves no step: {rowCount} rows are fewer than global_batch_size {options.GlobalBatchSize}; lower it or set drop_last false");
        }

        var totalSteps = options.MaxSteps > 0 ? options.MaxSteps : Math.Ceiling(options.NumTrainEpochs * stepsPerEpoch);
        if (totalSteps > int.MaxValue) throw new DftNativeException(ExitCode.Usage, $"num_train_epochs {options.NumTrainEpochs} makes {totalSteps} steps, which are too many");
        return (stepsPerEpoch, (int)totalSteps);
    }
}
