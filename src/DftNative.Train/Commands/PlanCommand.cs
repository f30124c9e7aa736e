using System.CommandLine;
using System.Globalization;
using DftNative.Checkpoints;
using DftNative.Hub;
using DftNative.Models;
using DftNative.Train.Data;
using DftNative.Training;
using DftNative.Training.Planning;

namespace DftNative.Train.Commands;

/// <summary><c>plan</c>: what a training run takes of a GPU's memory, without one.</summary>
internal static class PlanCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("plan", "Show what training a model takes of a GPU's memory, and what is chosen for it; needs config.json alone, and no GPU.");
        var catalog = CatalogOptions.AddTo(command, "model", "revision", "max_length", "packing", "global_batch_size", "micro_batch_tokens");
        var memory = new Option<string>("--memory") { Description = "The GPU's memory in GiB, as CUDA counts it.", HelpName = "number > 0" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        command.Add(memory);
        command.Add(json);
        command.SetAction(parseResult =>
        {
            var options = new TrainingOptions();
            catalog.Apply(parseResult, options);
            Required.Options(options, "model");
            return (int)Run(options, ParseMemory(parseResult.GetValue(memory)));
        });
        return command;
    }

    private static ExitCode Run(TrainingOptions options, double? memory)
    {
        var configuration = ModelTemplate.Read(InputLoader.LocateModel(options.Model!, options.Revision, HubFileSet.Tokenizer)).Configuration;
        var request = new PlanRequest(configuration, Workload.OfFullRows(options.MaxLength, options.GlobalBatchSize, options.Packing))
        {
            MicroBatchTokens = options.MicroBatchTokens,
        };
        var planner = new MemoryPlanner(request, GpuCard.OfSize(memory ?? 80));
        var plan = planner.Plan();
        Console.WriteLine($"{new ParameterLayout(configuration).ParameterCount} parameters: {plan.Choice}");
        foreach (var (name, bytes) in PlanText.Categories(plan)) Console.WriteLine($"{name,-16} {bytes / 1048576.0,10:F1} MiB");
        Console.WriteLine($"total {PlanText.Gibibytes(plan.TotalBytes)} of {PlanText.Gibibytes(plan.DeviceBytes)}, fits {plan.Fits}");
        return ExitCode.Success;
    }

    private static double? ParseMemory(string? text)
    {
        if (text is null) return null;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return isNumber && value > 0 && double.IsFinite(value) ? value : throw new DftNativeException(ExitCode.Usage, $"memory: '{text}' is not a number of GiB above 0");
    }
}
