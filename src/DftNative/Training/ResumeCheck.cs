using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Training;

/// <summary>Refuses to continue a run as another one.</summary>
internal static class ResumeCheck
{
    /// <summary>What a run chooses for itself where it is "auto".</summary>
    private static readonly string[] Choices = ["micro_batch_tokens", "loss_chunk_rows", "recompute"];

    /// <summary>The options that decide the mathematics and what the run chose for itself, as text.</summary>
    public static IReadOnlyDictionary<string, string> Describe(TrainingOptions options) => OptionCatalog.All
        .Where(option => option.ChangesMathematics || Choices.Contains(option.Name))
        .ToDictionary(option => option.Name, option => option.GetText(options), StringComparer.Ordinal);

    /// <summary>Takes over what the run had chosen for itself, so that the continuation is bitwise the same run.</summary>
    public static void AdoptChoices(TrainerState state, TrainingOptions options)
    {
        foreach (var name in Choices)
        {
            if (OptionCatalog.Find(name).GetText(options) == "auto" && state.Options.TryGetValue(name, out var value))
                OptionCatalog.Set(options, name, value);
        }
    }

    /// <summary>Compares the checkpoint with the run that is to continue it.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: names what differs.</exception>
    public static void Verify(
        TrainingCheckpoint checkpoint, TrainerState state, TrainingOptions options, string rowsFingerprint, ModelConfiguration model, DataType computeType)
    {
        var differences = Describe(options)
            .Where(option => OptionCatalog.Find(option.Key).ChangesMathematics && state.Options.GetValueOrDefault(option.Key) != option.Value)
            .Select(option => $"{option.Key} was {state.Options.GetValueOrDefault(option.Key, "not there")} and is {option.Value}")
            .ToList();
        if (differences.Count > 0)
            throw Refuse(checkpoint, $"{string.Join(", ", differences)}; give the values it began with, or begin a new run");
        if (state.ComputeType != computeType)
        {
            throw Refuse(
                checkpoint,
                $"it was computed in {state.ComputeType.Name()} and this device computes in {computeType.Name()}; give the device it began on, or begin a new run from the checkpoint with --model");
        }

        if (state.RowsFingerprint != rowsFingerprint)
            throw Refuse(checkpoint, "the training rows are not those it began with; give the same data and tokenizer, or begin a new run");
        if (!IsSameModel(checkpoint.Model.Configuration, model))
            throw Refuse(checkpoint, "the model's configuration is not the one it began with; give the same model, or begin a new run");
    }

    /// <summary>Compares the frozen reference model's weights with those that the run began with.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: they are others.</exception>
    public static void VerifyReference(TrainingCheckpoint checkpoint, TrainerState state, string? fingerprint)
    {
        if (state.ReferenceFingerprint == fingerprint) return;
        throw Refuse(checkpoint, "the reference model's weights are not those it began with; give the same reference_model, or without one the same model");
    }

    private static bool IsSameModel(ModelConfiguration first, ModelConfiguration second) =>
        first with { EosTokenIds = [] } == second with { EosTokenIds = [] } && first.EosTokenIds.SequenceEqual(second.EosTokenIds);

    private static DftNativeException Refuse(TrainingCheckpoint checkpoint, string reason) =>
        new(ExitCode.Usage, $"cannot continue {checkpoint.Directory} as another run: {reason}");
}
