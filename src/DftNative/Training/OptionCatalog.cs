using System.Globalization;
using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training;

/// <summary>
/// Every option of a training run, once: the file reader, the command line, the resolved configuration, the check at
/// resume and the README's table all read this list.
/// </summary>
public static class OptionCatalog
{
    private static readonly Dictionary<string, LossType> LossTypes = new()
    {
        ["sft"] = LossType.Sft,
        ["dft"] = LossType.Dft,
        ["focal"] = LossType.Focal,
        ["eaft"] = LossType.Eaft,
        ["asft"] = LossType.Asft,
    };

    private static readonly Dictionary<string, DftGranularity> Granularities = new()
    {
        ["token"] = DftGranularity.Token,
        ["sentence"] = DftGranularity.Sentence,
        ["geometric"] = DftGranularity.Geometric,
    };

    private static readonly Dictionary<string, LearningRateScheduleType> Schedules = new()
    {
        ["linear"] = LearningRateScheduleType.Linear,
        ["cosine"] = LearningRateScheduleType.Cosine,
        ["constant"] = LearningRateScheduleType.Constant,
        ["constant_with_warmup"] = LearningRateScheduleType.ConstantWithWarmup,
    };

    private static readonly Dictionary<string, Truncation> Truncations = new()
    {
        ["truncate"] = Truncation.Truncate,
        ["drop"] = Truncation.Drop,
    };

    private static readonly Dictionary<string, RowForm> RowFormNames = new()
    {
        ["auto"] = RowForm.Auto,
        ["input_ids"] = RowForm.InputIds,
        ["messages"] = RowForm.Messages,
        ["conversations"] = RowForm.Conversations,
        ["prompt_completion"] = RowForm.PromptCompletion,
        ["question_answer"] = RowForm.QuestionAnswer,
        ["problem_solution"] = RowForm.ProblemSolution,
        ["alpaca"] = RowForm.Alpaca,
        ["text"] = RowForm.Text,
    };

    private static readonly Dictionary<string, ResponseEnd> ResponseEnds = new() { ["turn"] = ResponseEnd.Turn, ["eos"] = ResponseEnd.Eos };

    private static readonly Dictionary<string, LossMask> Masks = new()
    {
        ["completion_only"] = LossMask.CompletionOnly,
        ["assistant_only"] = LossMask.AssistantOnly,
        ["all"] = LossMask.All,
    };

    private static readonly Dictionary<string, TrainOnEos> EosChoices = new()
    {
        ["turn"] = TrainOnEos.Turn,
        ["all"] = TrainOnEos.All,
        ["last"] = TrainOnEos.Last,
        ["none"] = TrainOnEos.None,
    };

    private static readonly Dictionary<string, SaveDataType> SaveDataTypes = new()
    {
        ["auto"] = SaveDataType.Auto,
        ["bf16"] = SaveDataType.BFloat16,
        ["fp32"] = SaveDataType.Float32,
    };

    private static readonly Dictionary<string, BestModelMetric> Metrics = new()
    {
        ["eval_loss"] = BestModelMetric.EvalLoss,
        ["eval_nll"] = BestModelMetric.EvalNll,
        ["eval_mean_token_probability"] = BestModelMetric.EvalMeanTokenProbability,
        ["eval_token_accuracy"] = BestModelMetric.EvalTokenAccuracy,
    };

    private static readonly Dictionary<string, RecomputeLevel?> RecomputeLevels = new()
    {
        ["auto"] = null,
        ["none"] = RecomputeLevel.None,
        ["norms"] = RecomputeLevel.Norms,
        ["ffn"] = RecomputeLevel.FeedForward,
        ["block"] = RecomputeLevel.Block,
    };

    private static readonly Dictionary<string, bool> DecayExclusions = new() { ["none"] = false, ["norm_bias"] = true };

    private static readonly Dictionary<string, Precision> Precisions = Enum.GetValues<Precision>().ToDictionary(precision => precision.Name());

    private static readonly Dictionary<string, PromptStyle> PromptStyleNames = new(PromptStyles.ByName);

    private static readonly Dictionary<string, bool> Booleans = new() { ["true"] = true, ["false"] = false };

    /// <summary>Options that other trainers have and that mean nothing here, with what replaces them.</summary>
    private static readonly Dictionary<string, string> Replaced = new(StringComparer.Ordinal)
    {
        ["per_device_train_batch_size"] = BatchSizeAdvice("per_device_train_batch_size"),
        ["gradient_accumulation_steps"] = BatchSizeAdvice("gradient_accumulation_steps"),
        ["batch_size"] = BatchSizeAdvice("batch_size"),
        ["train_batch_size"] = BatchSizeAdvice("train_batch_size"),
        ["micro_batch_size"] = BatchSizeAdvice("micro_batch_size"),
        ["lr"] = "lr is called learning_rate here",
        ["max_seq_length"] = "max_seq_length is called max_length here",
    };

    /// <summary>Options that are planned: the value that is in force today, or null where no value can be honoured yet.</summary>
    private static readonly Dictionary<string, string?> Planned = new(StringComparer.Ordinal)
    {
        ["author_compat"] = null,
    };

    /// <summary>The options, in the order of the documentation.</summary>
    public static IReadOnlyList<TrainingOption> All { get; } =
    [
        Text("model", "DIR|ORG/NAME", "Hugging Face model to start from: a directory, or a name in the local cache or on the Hub.", false, o => o.Model, (o, v) => o.Model = v),
        Text("revision", "NAME", "Branch, tag or commit of a model given by name; none: main.", false, o => o.Revision, (o, v) => o.Revision = v),
        new("preset", "none|numina-cot", "A published recipe's values, which a file and the command line override: numina-cot is the DFT paper's.", false, false, o => [o.Preset ?? "none"], (o, v) => o.Preset = TrainingPresets.Check(v[0])),
        List("data", "FILE[:WEIGHT]…", "Training rows: JSONL, JSON, CSV (each also .gz) or Parquet. WEIGHT: how often an epoch has the file's rows, such as 2 or 0.5.", o => o.Data, (o, v) => o.Data = v),
        List("eval_data", "FILE…", "Held-out rows for the evaluation loss.", o => o.EvalData, (o, v) => o.EvalData = v),
        List("eval_generate_data", "FILE…", "Problems with answers for eval_generate_steps, as eval's --data.", o => o.EvalGenerateData, (o, v) => o.EvalGenerateData = v),
        Choice("row_form", "Which columns make a row; auto: the first of these that it has.", true, RowFormNames, o => o.RowForm, (o, v) => o.RowForm = v),
        List("column", "FIELD=COLUMN…", "Columns by other names: a row's field FIELD is the file's COLUMN, such as question=problem.", o => o.Columns, (o, v) => o.Columns = v),
        Choice("response_end", "How an answer ends: turn: as the chat template ends it; eos: by the tokenizer's eos_token right after it, as verl does.", true, ResponseEnds, o => o.ResponseEnd, (o, v) => o.ResponseEnd = v),
        Integer("max_train_samples", "Most rows to read of all training files, in their order; 0: all.", false, 0, o => o.MaxTrainSamples, (o, v) => o.MaxTrainSamples = v),
        new("cache_dir", "auto|none|DIR", "Where tokenised rows are kept; auto: files of 1 MiB and more in $XDG_CACHE_HOME/dftnative/rows; none: in memory.", false, false, o => [o.CacheDirectory ?? "auto"], (o, v) => o.CacheDirectory = v[0] is "auto" ? null : v[0]),
        Text("output_dir", "DIR", "Where everything is written; must be empty unless resuming (also --output).", false, o => o.OutputDirectory, (o, v) => o.OutputDirectory = v),
        Text("resume_from_checkpoint", "DIR|latest", "Continue from a checkpoint, bitwise as if never stopped.", false, o => o.ResumeFromCheckpoint, (o, v) => o.ResumeFromCheckpoint = v),

        Choice("loss_type", "Token loss: sft is cross-entropy; dft weights it by the token's own probability p; focal by (1 − p)^γ; eaft by the entropy of the likeliest tokens; asft is dft and a divergence from a frozen model. docs/losses.md has the formulas.", true, LossTypes, o => o.LossType, (o, v) => o.LossType = v),
        Number("dft_exponent", "Exponent of p in the weight of dft and asft; 0 is sft.", true, NumberRange.AtLeast(0), o => o.DftExponent, (o, v) => o.DftExponent = v),
        Number("dft_min_weight", "Floor of that weight.", true, NumberRange.Between(0, 1), o => o.DftMinWeight, (o, v) => o.DftMinWeight = v),
        Choice("dft_granularity", "Whose p is in that weight: the token's own, or the product or geometric mean over the row's trained targets. Those two on the CPU alone.", true, Granularities, o => o.DftGranularity, (o, v) => o.DftGranularity = v),
        Number("focal_gamma", "γ of focal; 0 is sft.", true, NumberRange.AtLeast(0), o => o.FocalGamma, (o, v) => o.FocalGamma = v),
        Number("eaft_alpha", "Exponent of the entropy in eaft's weight; 0 is sft. On the CPU alone.", true, NumberRange.AtLeast(0), o => o.EaftAlpha, (o, v) => o.EaftAlpha = v),
        Integer("eaft_top_k", "Likeliest tokens whose entropy eaft takes.", true, 2, o => o.EaftTopK, (o, v) => o.EaftTopK = v),
        Number("asft_alpha", "Factor of asft's divergence; 0 is dft. On the CPU alone.", true, NumberRange.AtLeast(0), o => o.AsftAlpha, (o, v) => o.AsftAlpha = v),
        Text("reference_model", "DIR|ORG/NAME", "asft's frozen model, of the same vocabulary; none: the one that training starts from.", false, o => o.ReferenceModel, (o, v) => o.ReferenceModel = v),
        OptionalNumber("eos_weight", "none", "Fixed weight of end-of-sequence targets in place of the loss's own.", NumberRange.AtLeast(0), o => o.EosWeight, (o, v) => o.EosWeight = v),

        Integer("global_batch_size", "Rows of an optimizer step.", true, 1, o => o.GlobalBatchSize, (o, v) => o.GlobalBatchSize = v),
        AutoInteger("micro_batch_tokens", "Tokens of one pass through the model; what memory allows, not part of the recipe.", 1, o => o.MicroBatchTokens, (o, v) => o.MicroBatchTokens = v),
        Choice("recompute", "Activations that are dropped and computed again in backward, for the same gradients to the bit: of norms and SwiGLU; of the feed-forward half; of a whole layer.", false, RecomputeLevels, o => o.Recompute, (o, v) => o.Recompute = v),
        AutoInteger("loss_chunk_rows", "Rows of the LM head whose fp32 logits are held at once, at most; what memory allows.", 1, o => o.LossChunkRows, (o, v) => o.LossChunkRows = v),
        Integer("max_length", "Most tokens of a row.", true, TrainingOptions.SmallestMaxLength, o => o.MaxLength, (o, v) => o.MaxLength = v),
        Choice("max_length_action", "Longer rows: cut off their right end, or leave them out.", true, Truncations, o => o.MaxLengthAction, (o, v) => o.MaxLengthAction = v),
        Choice("packing", "Best-fit packing of a step's rows into passes; false: each row a pass.", true, Booleans, o => o.Packing, (o, v) => o.Packing = v),
        Choice("drop_last", "Leave out an epoch's last, smaller batch.", true, Booleans, o => o.DropLast, (o, v) => o.DropLast = v),
        Number("num_train_epochs", "Passes over the data; a fraction is rounded up to a step.", true, NumberRange.Above(0), o => o.NumTrainEpochs, (o, v) => o.NumTrainEpochs = v),
        Integer("max_steps", "Optimizer steps, in place of epochs; -1: by epochs.", true, -1, o => o.MaxSteps, (o, v) => o.MaxSteps = v),
        new("seed", "integer", "Seed of the order of rows, and of what generate draws.", true, false, o => [o.Seed.ToString(CultureInfo.InvariantCulture)], (o, v) => o.Seed = ParseInteger("seed", v[0], 0, long.MaxValue)),

        Number("learning_rate", "Peak learning rate.", true, NumberRange.AtLeast(0), o => o.LearningRate, (o, v) => o.LearningRate = v),
        Choice("lr_scheduler_type", "How the learning rate falls after the warm-up.", true, Schedules, o => o.LearningRateScheduleType, (o, v) => o.LearningRateScheduleType = v),
        OptionalNumber("warmup_ratio", "auto", "Share of the steps that warm up linearly; auto: 0.1, or 0 for constant.", NumberRange.Between(0, 1), o => o.WarmupRatio, (o, v) => o.WarmupRatio = v),
        Integer("warmup_steps", "Steps that warm up, in place of the ratio where above 0.", true, 0, o => o.WarmupSteps, (o, v) => o.WarmupSteps = v),
        Number("weight_decay", "AdamW's decoupled weight decay.", true, NumberRange.AtLeast(0), o => o.WeightDecay, (o, v) => o.WeightDecay = v),
        Choice("weight_decay_exclude", "Parameters without decay; norm_bias follows Hugging Face's Trainer.", true, DecayExclusions, o => o.ExcludeNormAndBiasFromDecay, (o, v) => o.ExcludeNormAndBiasFromDecay = v),
        Number("adam_beta1", "AdamW's β₁.", true, NumberRange.Fraction, o => o.AdamBeta1, (o, v) => o.AdamBeta1 = v),
        Number("adam_beta2", "AdamW's β₂.", true, NumberRange.Fraction, o => o.AdamBeta2, (o, v) => o.AdamBeta2 = v),
        Number("adam_epsilon", "AdamW's ε.", true, NumberRange.Above(0), o => o.AdamEpsilon, (o, v) => o.AdamEpsilon = v),
        Number("max_grad_norm", "Global gradient norm to clip to; 0: no clipping.", true, NumberRange.AtLeast(0), o => o.MaxGradNorm, (o, v) => o.MaxGradNorm = v),
        Integer("max_skipped_steps", "Steps in a row with numbers that are not finite, each skipped, before the run ends with exit 5.", true, 1, o => o.MaxSkippedSteps, (o, v) => o.MaxSkippedSteps = v),

        Integer("logging_steps", "Steps between lines of progress; metrics.jsonl has every step.", false, 1, o => o.LoggingSteps, (o, v) => o.LoggingSteps = v),
        Integer("eval_steps", "Steps between evaluations; 0: after the last step alone.", false, 0, o => o.EvalSteps, (o, v) => o.EvalSteps = v),
        Integer("eval_generate_steps", "Steps between evaluations by sampled answers to eval_generate_data, at temperature 1, and one after the last step; 0: none.", false, 0, o => o.EvalGenerateSteps, (o, v) => o.EvalGenerateSteps = v),
        Integer("eval_generate_problems", "How many problems of each file: the first.", false, 1, o => o.EvalGenerateProblems, (o, v) => o.EvalGenerateProblems = v),
        Integer("eval_generate_samples", "Samples a problem, n of average@n.", false, 1, o => o.EvalGenerateSamples, (o, v) => o.EvalGenerateSamples = v),
        Integer("eval_generate_max_new_tokens", "The most tokens of a sample.", false, 1, o => o.EvalGenerateMaxNewTokens, (o, v) => o.EvalGenerateMaxNewTokens = v),
        Choice("eval_generate_prompt_style", "How a problem is put, as eval's --prompt_style.", false, PromptStyleNames, o => o.EvalGeneratePromptStyle, (o, v) => o.EvalGeneratePromptStyle = v),
        Integer("save_steps", "Steps between checkpoints; 0: after the last step alone.", false, 0, o => o.SaveSteps, (o, v) => o.SaveSteps = v),
        Integer("save_total_limit", "Checkpoints kept, the best one among them; the newest always stays. 0: all.", false, 0, o => o.SaveTotalLimit, (o, v) => o.SaveTotalLimit = v),
        Choice("save_dtype", "Element type of saved models; auto: the source's.", false, SaveDataTypes, o => o.SaveDataType, (o, v) => o.SaveDataType = v),
        Choice("save_final", "Write the result to final/.", false, Booleans, o => o.SaveFinal, (o, v) => o.SaveFinal = v),
        Choice("load_best_model_at_end", "Make final/ the best evaluated model, which is kept as a checkpoint, in place of the last.", false, Booleans, o => o.LoadBestModelAtEnd, (o, v) => o.LoadBestModelAtEnd = v),
        Choice("metric_for_best_model", "What best means.", false, Metrics, o => o.MetricForBestModel, (o, v) => o.MetricForBestModel = v),

        Choice("mask", "What is trained: a conversation's last answer, all its answers, or the prompt too.", true, Masks, o => o.Mask, (o, v) => o.Mask = v),
        Choice("train_on_eos", "Which end-of-turn tokens: those of trained turns, of all turns, the last of trained turns, none.", true, EosChoices, o => o.TrainOnEos, (o, v) => o.TrainOnEos = v),
        new("chat_template", "auto|NAME|FILE", "Chat template of conversations: a built-in one (chatml, qwen2.5, qwen3, llama3, llama3.1), one of the model's by name, or a Jinja file; auto: the model's own.", true, false, o => [o.ChatTemplate ?? "auto"], (o, v) => o.ChatTemplate = v[0] is "auto" or "none" ? null : v[0]),
        new("device", "auto|cpu|cuda[:N]", "Where it runs; a device that is not there is an error.", false, false, o => [o.Device], (o, v) => o.Device = v[0]),
        Choice("precision", "On a GPU: bytes a parameter. exact 16: fp32 weights, gradients and moments; lean 10: fp32 weights, the rest bf16 rounded stochastically; tiny 8: all bf16.", true, Precisions, o => o.Precision, (o, v) => o.Precision = v),
        Choice("tune", "On a GPU: time several algorithms of each new matrix product and keep the fastest, for later runs too. Another algorithm is another rounding.", false, Booleans, o => o.Tune, (o, v) => o.Tune = v),
        Choice("profile", "Time each step's parts (embedding, attention, matrix products, elementwise, loss head, optimizer, host), in the metrics and at the end.", false, Booleans, o => o.Profile, (o, v) => o.Profile = v),
        Integer("threads", "Worker threads on the CPU; 0: one a core. The result does not depend on it.", false, 0, o => o.Threads, (o, v) => o.Threads = v),
    ];

    /// <summary>The option of that key; <c>-</c> counts as <c>_</c>, and <c>output</c> is <c>output_dir</c>.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: there is none; the message names the nearest.</exception>
    public static TrainingOption Find(string key)
    {
        var name = Normalize(key);
        foreach (var option in All)
            if (option.Name == name) return option;
        throw new DftNativeException(ExitCode.Usage, AdviceFor(name) ?? $"unknown option '{key}'{NearestName.Suggest(name, All.Select(option => option.Name))}");
    }

    /// <summary>Sets one option from text, or accepts a planned option's present value.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: unknown, not supported yet, or not a valid value.</exception>
    public static void Set(TrainingOptions options, string key, params IReadOnlyList<string> values)
    {
        var name = Normalize(key);
        if (Planned.TryGetValue(name, out var present))
        {
            if (present is not null && values is [var value] && value == present) return;
            var only = present is null ? "" : $"; the only value is '{present}'";
            throw new DftNativeException(ExitCode.Usage, $"{name} {string.Join(' ', values)} is not supported yet{only}");
        }

        Find(name).Set(options, values);
    }

    /// <summary>Keys of options that are planned.</summary>
    public static IEnumerable<string> PlannedKeys => Planned.Keys;

    /// <summary>What takes the place of an option that other trainers have; null: none is known by that key.</summary>
    public static string? AdviceFor(string key) => Replaced.GetValueOrDefault(Normalize(key));

    /// <summary>Checks every value's range and what belongs together, for options that code has set.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>: the first that is wrong.</exception>
    public static void Validate(TrainingOptions options)
    {
        var scratch = new TrainingOptions();
        foreach (var option in All)
            if (option.Get(options) is { Count: > 0 } values) option.Set(scratch, values);
        LossOptionCheck.Verify(options);
        if (options.LoadBestModelAtEnd && options.EvalData.Count == 0)
            throw new DftNativeException(ExitCode.Usage, "load_best_model_at_end needs eval_data to find the best by");
        ValidateGeneration(options);
    }

    /// <summary>Checks what evaluations by sampled answers need.</summary>
    /// <exception cref="DftNativeException"><see cref="ExitCode.Usage"/>.</exception>
    internal static void ValidateGeneration(TrainingOptions options)
    {
        if (options.EvalGenerateSteps > 0 != options.EvalGenerateData.Count > 0)
            throw new DftNativeException(ExitCode.Usage, "eval_generate_steps (how often) and eval_generate_data (on which problems) need each other; give both or none");
        if (options.EvalGenerateSteps > 0) return;
        var defaults = new TrainingOptions();
        if (All.FirstOrDefault(option => option.Name.StartsWith("eval_generate_", StringComparison.Ordinal) && option.GetText(options) != option.GetText(defaults)) is { } idle)
            throw new DftNativeException(ExitCode.Usage, $"{idle.Name} {idle.GetText(options)} has no effect: nothing is sampled without eval_generate_steps and eval_generate_data; give them, or leave it out");
    }

    /// <summary>The options as a Markdown table: name, values, default, meaning.</summary>
    public static string FormatMarkdownTable()
    {
        var defaults = new TrainingOptions();
        var rows = All.Select(option =>
            $"| `{option.Name}` | {option.ValueSyntax.Replace("|", "\\|", StringComparison.Ordinal)} | {option.GetText(defaults)} | {option.Help} |");
        return string.Join('\n', ["| option | values | default | meaning |", "| --- | --- | --- | --- |", .. rows]) + "\n";
    }

    private static string Normalize(string key) => key.Replace('-', '_') is var name && name == "output" ? "output_dir" : name;

    private static string BatchSizeAdvice(string name) =>
        $"{name} is replaced by two numbers: global_batch_size (rows of an optimizer step, what the recipe fixes) "
        + "and micro_batch_tokens (tokens of one pass, what the hardware fixes)";

    private static TrainingOption Text(
        string name, string syntax, string help, bool changesMathematics, Func<TrainingOptions, string?> get, Action<TrainingOptions, string?> set) =>
        new(name, syntax, help, changesMathematics, false, o => get(o) is { } value ? [value] : [], (o, v) => set(o, v[0] is "" or "none" ? null : v[0]));

    // Which files are read does not count as mathematics here: a resume compares the rows themselves.
    private static TrainingOption List(
        string name, string syntax, string help, Func<TrainingOptions, IReadOnlyList<string>> get, Action<TrainingOptions, IReadOnlyList<string>> set) =>
        new(name, syntax, help, changesMathematics: false, isList: true, get, (o, v) => set(o, v is ["none"] ? [] : v));

    private static TrainingOption Choice<T>(
        string name, string help, bool changesMathematics, Dictionary<string, T> choices, Func<TrainingOptions, T> get, Action<TrainingOptions, T> set) =>
        new(
            name, string.Join('|', choices.Keys), help, changesMathematics, false,
            o => [choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, get(o))).Key],
            (o, v) => set(o, ParseChoice(name, v[0], choices)));

    private static TrainingOption Number(
        string name, string help, bool changesMathematics, NumberRange range, Func<TrainingOptions, double> get, Action<TrainingOptions, double> set) =>
        new(name, $"number {range}", help, changesMathematics, false, o => [FormatNumber(get(o))], (o, v) => set(o, ParseNumber(name, v[0], range)));

    private static TrainingOption OptionalNumber(
        string name, string absent, string help, NumberRange range, Func<TrainingOptions, double?> get, Action<TrainingOptions, double?> set) =>
        new(
            name, $"{absent}|number {range}", help, true, false,
            o => [get(o) is { } value ? FormatNumber(value) : absent],
            (o, v) => set(o, v[0] == absent ? null : ParseNumber(name, v[0], range)));

    private static TrainingOption Integer(
        string name, string help, bool changesMathematics, int minimum, Func<TrainingOptions, int> get, Action<TrainingOptions, int> set) =>
        new(
            name, $"integer ≥ {minimum}", help, changesMathematics, false,
            o => [get(o).ToString(CultureInfo.InvariantCulture)],
            (o, v) => set(o, (int)ParseInteger(name, v[0], minimum, int.MaxValue)));

    private static TrainingOption AutoInteger(
        string name, string help, int minimum, Func<TrainingOptions, int?> get, Action<TrainingOptions, int?> set) =>
        new(
            name, $"auto|integer ≥ {minimum}", help, true, false,
            o => [get(o)?.ToString(CultureInfo.InvariantCulture) ?? "auto"],
            (o, v) => set(o, v[0] == "auto" ? null : (int)ParseInteger(name, v[0], minimum, int.MaxValue)));

    private static string FormatNumber(double value) => value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();

    private static T ParseChoice<T>(string name, string text, Dictionary<string, T> choices)
    {
        if (choices.TryGetValue(text.ToLowerInvariant(), out var value)) return value;
        throw new DftNativeException(ExitCode.Usage, $"{name}: '{text}' is not one of {string.Join(", ", choices.Keys)}");
    }

    private static double ParseNumber(string name, string text, NumberRange range)
    {
        var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value);
        if (!isNumber || !double.IsFinite(value)) throw new DftNativeException(ExitCode.Usage, $"{name}: '{text}' is not a number");
        if (!range.Contains(value)) throw new DftNativeException(ExitCode.Usage, $"{name}: {text} is out of range; it takes a number {range}");
        return value;
    }

    private static long ParseInteger(string name, string text, long minimum, long maximum)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            throw new DftNativeException(ExitCode.Usage, $"{name}: '{text}' is not an integer");
        if (value < minimum || value > maximum)
            throw new DftNativeException(ExitCode.Usage, $"{name}: {text} is out of range; it takes an integer from {minimum} to {maximum}");
        return value;
    }
}
