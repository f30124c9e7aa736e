using System.CommandLine;
using System.Globalization;
using DftNative.Backends;
using DftNative.Evaluation;
using DftNative.Models;
using DftNative.Optimizers;
using DftNative.Train.Data;
using DftNative.Training;

namespace DftNative.Train.Commands;

/// <summary><c>check-gradients</c>: all rows as one optimizer step, the device against the fp64 reference.</summary>
internal static class CheckGradientsCommand
{
    private const double SinglePrecisionTolerance = 1e-4;

    /// <summary>An ordinary bf16 run of PyTorch is up to 0.11 off in its worst parameter on small models; a mistake is off by 1.</summary>
    private const double BFloat16Tolerance = 0.25;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("check-gradients", "Compare a device's loss and gradients with the fp64 reference, a row per parameter; exit 1 past the tolerance.");
        var catalog = CatalogOptions.AddTo(
            command, "model", "revision", "data", "loss_type", "dft_exponent", "dft_min_weight", "dft_granularity", "focal_gamma", "eaft_alpha",
            "eaft_top_k", "asft_alpha", "reference_model", "eos_weight", "max_length", "max_length_action",
            "packing", "micro_batch_tokens", "recompute", "loss_chunk_rows", "mask", "train_on_eos", "chat_template", "device", "precision", "threads");
        var tolerance = new Option<string>("--tolerance") { Description = "Largest relative error, ‖g − r‖ / ‖r‖. [1e-4 in fp32, 0.25 in bf16]", HelpName = "number > 0" };
        var dump = new Option<string>("--dump") { Description = "Write the device's gradients and log-probabilities.", HelpName = "OUT.safetensors" };
        command.Add(tolerance);
        command.Add(dump);
        command.SetAction(parseResult =>
        {
            // A row of a check is checked whole, unless a length is asked for.
            var options = new TrainingOptions { MaxLength = int.MaxValue, CacheDirectory = "none" };
            catalog.Apply(parseResult, options);
            OptionCatalog.Validate(options);
            return (int)Run(options, ParseTolerance(parseResult.GetValue(tolerance)), parseResult.GetValue(dump));
        });
        return command;
    }

    private static double? ParseTolerance(string? text)
    {
        if (text is null) return null;
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        return isNumber && value > 0 && double.IsFinite(value) ? value : throw new DftNativeException(ExitCode.Usage, $"tolerance: '{text}' is not a number above 0");
    }

    private static ExitCode Run(TrainingOptions options, double? givenTolerance, string? dumpPath)
    {
        var logger = new ConsoleLogger();
        Required.Options(options, "model", "data");
        using var backend = DeviceFactory.Open(options.Device, options.Threads, out var choice);
        var tolerance = givenTolerance ?? (backend.ComputeType == DataType.BFloat16 ? BFloat16Tolerance : SinglePrecisionTolerance);
        options.Precision.Require(backend);
        LossSupport.Require(backend, options.TokenLoss);
        using var model = InputLoader.OpenModel(options, logger);
        ModelSupport.Require(backend, model.Configuration);
        using var reference = InputLoader.OpenReferenceModel(options, model, logger);
        using var rows = InputLoader.ReadRows("data", options.Data, model, options, 0, logger);
        using var check = new GradientCheck(backend, model, rows, options, reference);
        var result = check.Run();
        if (dumpPath is not null) check.Dump(dumpPath, result);
        var isWithin = result.IsWithin(tolerance);
        Print(result, choice, tolerance, isWithin);
        return isWithin ? ExitCode.Success : ExitCode.CheckFailed;
    }

    private static void Print(GradientCheckResult result, string device, double tolerance, bool isWithin)
    {
        var width = result.Parameters.Max(parameter => parameter.Name.Length);
        Console.WriteLine($"device: {device}");
        Console.WriteLine($"{"parameter".PadRight(width)}   reference norm   relative error");
        foreach (var parameter in result.Parameters)
            Console.WriteLine(FormattableString.Invariant($"{parameter.Name.PadRight(width)}   {parameter.ReferenceNorm,14:0.000000e+00}   {parameter.RelativeError,14:0.000e+00}"));
        Console.WriteLine(FormattableString.Invariant($"loss {result.Loss:R}, reference {result.ReferenceLoss:R}, relative error {result.LossError:0.000e+00}"));
        Console.WriteLine(FormattableString.Invariant(
            $"nll {result.NegativeLogLikelihood:R}, reference {result.ReferenceNegativeLogLikelihood:R}, relative error {result.NegativeLogLikelihoodError:0.000e+00}"));
        Console.WriteLine(FormattableString.Invariant(
            $"log-probabilities of {result.LogProbabilities.Length} targets, largest difference {result.LogProbabilityError:0.000e+00}"));
        var verdict = isWithin ? "within" : "PAST";
        Console.WriteLine(FormattableString.Invariant($"worst gradient {result.Worst.RelativeError:0.000e+00} ({result.Worst.Name}): {verdict} the tolerance {tolerance:0.###e+0}"));
    }
}
