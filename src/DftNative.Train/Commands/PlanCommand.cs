using System.CommandLine;
using System.Globalization;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Evaluation.Benchmarks;
using DftNative.Hub;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Tokenizers;
using DftNative.Train.Data;
using DftNative.Training;
using DftNative.Training.Planning;

namespace DftNative.Train.Commands;

/// <summary><c>plan</c>: what a training run takes of a GPU's memory, without one.</summary>
internal static class PlanCommand
{
    /// <summary>In place of a max_length that nobody gave: the default, or the model's range where that is shorter.</summary>
    private const int NotGiven = 0;

    private static readonly string[] LossOptions =
        ["loss_type", "dft_exponent", "dft_min_weight", "dft_granularity", "focal_gamma", "eaft_alpha", "eaft_top_k", "asft_alpha", "reference_model", "eos_weight"];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("plan", "Show what training a model takes of a GPU's memory, and what is chosen for it; needs config.json alone (and a tokenizer for eval_generate_data), and no GPU.");
        var configured = ConfiguredOptions.AddTo(
            command, "YAML file of options of train, of which those that memory depends on count; the command line goes before it.",
            [
                "model", "revision", "preset", "max_length", "packing", "global_batch_size", "micro_batch_tokens", "recompute", "loss_chunk_rows", "precision", "tune", .. LossOptions,
                "chat_template", "eval_generate_data", "eval_generate_steps", "eval_generate_problems", "eval_generate_samples", "eval_generate_max_new_tokens", "eval_generate_prompt_style",
            ]);
        var memory = new Option<string>("--memory") { Description = "The GPU's memory in GiB, as CUDA counts it; left out: the smallest common card, and a table of them all.", HelpName = "number > 0" };
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        command.Add(memory);
        command.Add(json);
        command.SetAction(parseResult =>
        {
            var options = configured.Read(parseResult, static () => new TrainingOptions { MaxLength = NotGiven });
            Required.Options(options, "model");
            LossOptionCheck.Verify(options);
            OptionCatalog.ValidateGeneration(options);
            if (LossSupport.FindCpuOnly(options.TokenLoss) is { } loss)
                throw new DftNativeException(ExitCode.Usage, $"{loss} runs on the CPU alone, and plan is of a GPU's memory; plan sft, dft or focal, or train it with --device cpu");
            return (int)Run(options, ParseMemory(parseResult.GetValue(memory)), parseResult.GetValue(json));
        });
        return command;
    }

    private static ExitCode Run(TrainingOptions options, double? gibibytes, bool json)
    {
        var request = Request(options);
        var device = gibibytes is { } size ? GpuCard.OfSize(size) : SmallestCard(request).Memory;
        var plan = new MemoryPlanner(request, device).Plan();
        var advice = plan.Fits ? null : PlanAdvice.For(request, device);
        Console.Out.Write(json
            ? PlanJson.Format(options.Model!, request, plan, PlanReasons.Of(request, plan, device), advice) + "\n"
            : Format(options.Model!, request, plan, device));
        if (gibibytes is null && !json) WriteTable(options.Model!, request);
        if (advice is null || gibibytes is null) return ExitCode.Success;
        throw PlanAdvice.DoesNotFit(plan, advice);
    }

    private static PlanRequest Request(TrainingOptions options)
    {
        var directory = InputLoader.LocateModel(options.Model!, options.Revision, HubFileSet.Tokenizer);
        var configuration = ModelTemplate.Read(directory).Configuration;
        var positions = configuration.MaxPositionEmbeddings;
        if (options.MaxLength > positions)
            throw new DftNativeException(ExitCode.Usage, $"max_length {options.MaxLength} is beyond the {positions} positions of {options.Model}; lower it to {positions}");
        var maxLength = options.MaxLength == NotGiven ? Math.Min(new TrainingOptions().MaxLength, positions) : options.MaxLength;
        return PlanRequest.Of(configuration, Workload.OfFullRows(maxLength, options.GlobalBatchSize, options.Packing), options) with
        {
            // How long the prompts are the model's tokenizer says.
            Generation = options.EvalGenerateSteps == 0 ? null : AnswerProblems.Read(options, Tokenizer.Load(directory), configuration).Demand(options),
        };
    }

    /// <summary>The smallest card that the run fits, else the largest.</summary>
    private static GpuCard SmallestCard(PlanRequest request) =>
        GpuCard.All.FirstOrDefault(card => new MemoryPlanner(request, card.Memory).Plan().Fits) ?? GpuCard.All[^1];

    private static string Format(string model, PlanRequest request, MemoryPlan plan, DeviceMemory device)
    {
        var parameters = new ParameterLayout(request.Configuration).ParameterCount;
        var lines = new List<string>
        {
            Line($"{model}: {parameters:N0} parameters, precision {request.Precision.Name()}, rows of up to {request.Workload.LongestRow} tokens"),
            "",
        };
        lines.AddRange(PlanText.Categories(plan).Select(category => Line($"  {category.Name,-16}{Mebibytes(category.Bytes),12:N1} MiB")));
        lines.Add(Line($"  {"total",-16}{Mebibytes(plan.TotalBytes),12:N1} MiB of {Mebibytes(plan.DeviceBytes):N1}"));
        lines.Add("");
        lines.AddRange(PlanReasons.Of(request, plan, device));
        lines.Add("driver: estimates of the context and of loaded code, cuBLASLt's workspace, and what allocations are rounded up by; train measures the device");
        return string.Join('\n', lines) + "\n";
    }

    private static void WriteTable(string model, PlanRequest request)
    {
        Console.Out.Write('\n');
        foreach (var line in PlanTable.Header.Concat(PlanTable.Rows(model, request))) Console.Out.Write(line + "\n");
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);

    private static double? ParseMemory(string? text)
    {
        if (text is null) return null;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return isNumber && value > 0 && value < 1 << 20 ? value : throw new DftNativeException(ExitCode.Usage, $"memory: '{text}' is not a number of GiB above 0");
    }
}
