using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Hub;
using DftNative.Tokenizers;
using DftNative.Train.Progress;
using DftNative.Training;
using Microsoft.Extensions.Logging;

namespace DftNative.Train.Data;

/// <summary>Opens the models and files that a command names.</summary>
internal static class InputLoader
{
    /// <summary>Finds the directory of the model that <c>--model</c> and <c>--revision</c> name; a model given by name is fetched where the cache has it not.</summary>
    public static string LocateModel(string model, string? revision, HubFileSet files) =>
        new ModelLocator(HubOptions.FromEnvironment, new DownloadProgress(Console.Error, !Console.IsErrorRedirected, TimeProvider.System))
            .LocateAsync(model, revision, files).GetAwaiter().GetResult();

    /// <summary>Opens the options' model and tells what a user should know about it.</summary>
    public static ModelDirectory OpenModel(TrainingOptions options, ILogger logger)
    {
        var model = ModelDirectory.Open(LocateModel(options.Model!, options.Revision, HubFileSet.Model));
        foreach (var warning in model.Warnings) Log(logger, LogLevel.Warning, warning);
        return model;
    }

    /// <summary>Opens the frozen model that the loss keeps the trained one near; null: the loss has none, or it is the trained one itself.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: its tokens are not the model's.</exception>
    public static ModelDirectory? OpenReferenceModel(TrainingOptions options, ModelDirectory model, ILogger logger)
    {
        if (options.ReferenceModel is null || options.TokenLoss.Weighting.DivergenceFactor == 0) return null;
        var reference = ModelDirectory.Open(LocateModel(options.ReferenceModel, revision: null, HubFileSet.Model));
        try
        {
            foreach (var warning in reference.Warnings) Log(logger, LogLevel.Warning, $"reference model: {warning}");
            RequireSameTokens(model, reference, "the reference model");
            return reference;
        }
        catch
        {
            reference.Dispose();
            throw;
        }
    }

    /// <summary>Reads rows as the options have it, with the model's tokenizer if it has one, and tells what was read. Notes in the options which tokens end a sequence.</summary>
    /// <param name="what">What the rows are for, to tell: "training data".</param>
    /// <param name="files">Each <c>FILE</c> or <c>FILE:WEIGHT</c>.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">How rows are made and kept.</param>
    /// <param name="maxSamples">The most rows to read; 0: all.</param>
    /// <param name="logger">Told what was read.</param>
    public static TrainingData ReadRows(
        string what, IReadOnlyList<string> files, ModelDirectory model, TrainingOptions options, int maxSamples, ILogger logger)
    {
        var tokenizer = Tokenizer.Exists(model.Path) ? Tokenizer.Load(model.Path) : null;
        options.TokenizerEosTokenIds = tokenizer?.EosTokenIds ?? [];
        var reader = new RowReader(tokenizer, model.Configuration.VocabularySize, ReaderOptions(options));
        var data = TrainingData.Load([.. files.Select(DataFile.Parse)], reader, new TrainingDataOptions
        {
            CacheDirectory = options.CacheDirectory == "none" ? "" : options.CacheDirectory,
            TokenizerDirectory = tokenizer is null ? null : model.Path,
            MaxSamples = maxSamples == 0 ? null : maxSamples,
            Seed = options.Seed,
            Logger = logger,
        });
        Log(logger, LogLevel.Information, $"{what}, {string.Join(", ", files)}: {data.Report}");
        return data;
    }

    /// <summary>How the options have rows made.</summary>
    public static RowReaderOptions ReaderOptions(TrainingOptions options) => new()
    {
        MaxLength = options.MaxLength,
        Truncation = options.MaxLengthAction,
        Mask = options.Mask,
        TrainOnEos = options.TrainOnEos,
        ChatTemplate = options.ChatTemplate,
        Form = options.RowForm,
        Columns = options.Columns,
        ResponseEnd = options.ResponseEnd,
    };

    /// <summary>Compares two models' vocabularies token for token, as far as both have a tokenizer; the sizes are compared where the models meet.</summary>
    /// <param name="model">The model whose tokenizer makes the rows.</param>
    /// <param name="other">The other.</param>
    /// <param name="what">What the other is, for the error.</param>
    /// <exception cref="DftNativeException"><see cref="ExitCode.InvalidInput"/>: they differ.</exception>
    public static void RequireSameTokens(ModelDirectory model, ModelDirectory other, string what)
    {
        if (model == other || !Tokenizer.Exists(model.Path) || !Tokenizer.Exists(other.Path)) return;
        var (ours, theirs) = (Tokenizer.Load(model.Path), Tokenizer.Load(other.Path));
        for (var id = 0; id < model.Configuration.VocabularySize; id++)
        {
            if (ours.IdToToken(id) == theirs.IdToToken(id)) continue;
            throw new DftNativeException(
                ExitCode.InvalidInput, $"{other.Path}: token {id} of {what} is '{theirs.IdToToken(id)}' and of {model.Path} '{ours.IdToToken(id)}'; "
                + "their distributions compare over one vocabulary only: name a model with the same tokenizer");
        }
    }

    /// <summary>Tells what a user should know.</summary>
    public static void Log(ILogger logger, LogLevel level, string message) => logger.Log(level, default, message, null, static (text, _) => text);
}
