using System.CommandLine;
using DftNative.Backends.Cuda;
using DftNative.Checkpoints;
using DftNative.Cuda;
using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Train.Progress;
using DftNative.Training;
using DftNative.Training.Planning;

namespace DftNative.Train.Commands;

/// <summary><c>train</c>: fine-tunes a model.</summary>
internal static class TrainCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("train", "Fine-tune a Hugging Face model; every option can be in a YAML file (--config) or here.");
        var configured = ConfiguredOptions.AddTo(command, "YAML file of options; the command line goes before it.");
        command.SetAction(parseResult =>
        {
            var options = configured.Read(parseResult, static () => new TrainingOptions());
            OptionCatalog.Validate(options);
            return (int)Run(options);
        });
        return command;
    }

    private static ExitCode Run(TrainingOptions options)
    {
        var logger = new ConsoleLogger();
        Required.Options(options, "model", "data", "output_dir");
        // Before anything is loaded: this is the commonest mistake, and loading takes minutes.
        new RunDirectory(options.OutputDirectory!).Claim(options.ResumeFromCheckpoint);
        var plans = new GemmPlans(options.Tune);
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice, plans);
        if (options.Tune && backend is not CudaBackend)
            throw new DftNativeException(ExitCode.Usage, "tune: there is nothing to tune on a CPU; leave it out or name a GPU with --device");
        options.Precision.Require(backend);
        LossSupport.Require(backend, options.TokenLoss);
        using var model = InputLoader.OpenModel(options, logger);
        ModelSupport.Require(backend, model.Configuration);
        RequirePositions(options, model);
        RunPlanner.RequireRoom(backend, model.Configuration, options);
        using var reference = InputLoader.OpenReferenceModel(options, model, logger);
        using var rows = InputLoader.ReadRows("training data", options.Data, model, options, options.MaxTrainSamples, logger);
        using var evaluationRows = options.EvalData.Count == 0 ? null : InputLoader.ReadRows("evaluation data", options.EvalData, model, options, 0, logger);
        var problems = options.EvalGenerateSteps == 0 ? null : AnswerProblems.Read(options, Tokenizer.Load(model.Path), model.Configuration);
        using var stop = new StopSignals(() => Console.Error.WriteLine("stopping after this step and a checkpoint; once more to stop at once"));
        try
        {
            // Loading the model compiles the first kernels.
            using var trainer = new Trainer(backend, model, rows, evaluationRows ?? (IReadOnlyList<TrainingRow>)[], options, logger, reference, problems);
            Console.Write(TrainingOptionsFile.Format(trainer.Options));
            Console.WriteLine($"on {choice}");
            Console.WriteLine(trainer.Memory is { } plan ? PlanText.Summarize(plan) : FormattableString.Invariant($"memory: {backend.AllocatedBytes / (double)(1 << 20):N1} MiB, and the scratch of operations"));
            Console.WriteLine(FormattableString.Invariant(
                $"{trainer.Plan.ParameterCount} parameters, {trainer.Plan.RowCount} rows, {Steps(trainer.Plan)}, {trainer.Plan.StepsPerEpoch} an epoch"));
            var result = Console.IsOutputRedirected
                ? trainer.Run(new PlainProgress(Console.Out, options.LoggingSteps), stop.Token)
                : LiveProgress.Run(observer => trainer.Run(observer, stop.Token));
            return Report(result, options.OutputDirectory!);
        }
        catch (CudaException exception) when (TrainingCheckpoint.Latest(options.OutputDirectory!) is { } checkpoint)
        {
            throw new DftNativeException(
                ExitCode.Device, $"{exception.Message}; {checkpoint} is whole: continue from it with --resume_from_checkpoint latest", exception);
        }
        finally
        {
            plans.Save();
        }
    }

    /// <summary>A length that was asked for and that the model cannot have is a mistake; the default is only the most that rows may have.</summary>
    private static void RequirePositions(TrainingOptions options, ModelDirectory model)
    {
        var positions = model.Configuration.MaxPositionEmbeddings;
        if (options.MaxLength > positions && options.MaxLength != new TrainingOptions().MaxLength)
            throw new DftNativeException(ExitCode.Usage, $"max_length {options.MaxLength} is beyond the {positions} positions of {options.Model} (max_position_embeddings); lower it to {positions}");
    }

    private static string Steps(TrainingPlan plan) => plan.StepsDone == plan.TotalSteps
        ? FormattableString.Invariant($"all {plan.TotalSteps} steps done")
        : FormattableString.Invariant($"steps {plan.StepsDone + 1} to {plan.TotalSteps}");

    private static ExitCode Report(TrainingResult result, string outputDirectory)
    {
        if (result.Profile is { } profile) Console.WriteLine(ProfileText.Format(profile, result.ProfiledSteps));
        if (result.SkippedSteps > 0)
            Console.Error.WriteLine($"warning: {result.SkippedSteps} of {result.StepsDone} steps {(result.SkippedSteps == 1 ? "was" : "were")} skipped: the loss or the gradient was not finite");
        if (File.Exists(new RunDirectory(outputDirectory).ReportPath)) Console.WriteLine($"report: {new RunDirectory(outputDirectory).ReportPath}");
        if (result.Outcome == TrainingOutcome.Interrupted)
        {
            Console.Error.WriteLine($"interrupted after step {result.StepsDone}; continue with --resume_from_checkpoint latest --output {outputDirectory}");
            return ExitCode.Interrupted;
        }

        Console.WriteLine(result.FinalDirectory is { } final
            ? $"done: {final} holds the model of step {result.FinalStep}"
            : $"done: {result.CheckpointDirectory} is the last checkpoint");
        return ExitCode.Success;
    }
}
