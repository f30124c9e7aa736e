using DftNative.Checkpoints;
using DftNative.Data;
using DftNative.Evaluation.Benchmarks;
using DftNative.Losses;
using DftNative.Models;
using DftNative.Optimizers;

namespace DftNative.Training;

/// <summary>
/// A run's options; the defaults are the DFT paper's recipe. Names, ranges and texts are in <see cref="OptionCatalog"/>,
/// which sets them from a file or a command line; code that sets them directly calls <see cref="OptionCatalog.Validate"/>.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>A token and the one that it predicts.</summary>
    internal const int SmallestMaxLength = 2;

    /// <summary>The model directory, or a model's name on the Hugging Face Hub.</summary>
    public string? Model { get; set; }

    /// <summary>Branch, tag or commit of a model given by name; null: main.</summary>
    public string? Revision { get; set; }

    /// <summary>The recipe that the values began with; null: none. A name alone: <see cref="TrainingPresets.Apply"/> sets the values.</summary>
    public string? Preset { get; set; }

    /// <summary>Training files, each <c>FILE</c> or <c>FILE:WEIGHT</c>, see <see cref="DataFile"/>.</summary>
    public IReadOnlyList<string> Data { get; set; } = [];

    /// <summary>Held-out files; empty: no evaluation.</summary>
    public IReadOnlyList<string> EvalData { get; set; } = [];

    /// <summary>Files of problems with answers, for evaluations by sampled answers.</summary>
    public IReadOnlyList<string> EvalGenerateData { get; set; } = [];

    /// <summary>Which columns make a row.</summary>
    public RowForm RowForm { get; set; }

    /// <summary><c>FIELD=COLUMN</c> pairs: columns by other names.</summary>
    public IReadOnlyList<string> Columns { get; set; } = [];

    /// <summary>How an answer ends.</summary>
    public ResponseEnd ResponseEnd { get; set; }

    /// <summary>The most rows to read of all training files; 0: all.</summary>
    public int MaxTrainSamples { get; set; }

    /// <summary>Where tokenised rows are kept; null: in the user's cache directory; <c>none</c>: nowhere.</summary>
    public string? CacheDirectory { get; set; }

    /// <summary>Where everything is written.</summary>
    public string? OutputDirectory { get; set; }

    /// <summary>A checkpoint directory, or <c>latest</c> for the newest in the output directory; null: a new run.</summary>
    public string? ResumeFromCheckpoint { get; set; }

    /// <summary>Which loss.</summary>
    public LossType LossType { get; set; } = LossType.Dft;

    /// <summary>α in w = p^α.</summary>
    public double DftExponent { get; set; } = 1;

    /// <summary>Floor of w.</summary>
    public double DftMinWeight { get; set; }

    /// <summary>Whose p is in w, for dft and asft.</summary>
    public DftGranularity DftGranularity { get; set; }

    /// <summary>γ in w = (1 − p)^γ, for focal.</summary>
    public double FocalGamma { get; set; } = 2;

    /// <summary>α in w = (H/3)^α, for eaft.</summary>
    public double EaftAlpha { get; set; } = 1;

    /// <summary>The number of likeliest tokens whose entropy is H, for eaft.</summary>
    public int EaftTopK { get; set; } = 20;

    /// <summary>α in DFT + α·KL(π_ref ‖ π_θ), for asft.</summary>
    public double AsftAlpha { get; set; } = 0.1;

    /// <summary>The frozen model's directory or name on the Hub, for asft; null: the model that training starts from.</summary>
    public string? ReferenceModel { get; set; }

    /// <summary>Static weight of end-of-sequence targets; null: weighted like any other.</summary>
    public double? EosWeight { get; set; }

    /// <summary>Tokens that end a sequence by the tokenizer's files; with config.json's they are what <see cref="EosWeight"/> is about.</summary>
    public IReadOnlyList<int> TokenizerEosTokenIds { get; set; } = [];

    /// <summary>Rows of an optimizer step.</summary>
    public int GlobalBatchSize { get; set; } = 256;

    /// <summary>The most tokens of one pass through the model; null: chosen for the device and the data.</summary>
    public int? MicroBatchTokens { get; set; }

    /// <summary>What backward computes again to save memory; null: chosen for the device.</summary>
    public RecomputeLevel? Recompute { get; set; }

    /// <summary>The most rows whose logits are held at once; null: chosen for the device.</summary>
    public int? LossChunkRows { get; set; }

    /// <summary>The most tokens of a row.</summary>
    public int MaxLength { get; set; } = 2048;

    /// <summary>What becomes of longer rows.</summary>
    public Truncation MaxLengthAction { get; set; }

    /// <summary>Whether rows share a pass, each a document of its own; otherwise each row is a pass.</summary>
    public bool Packing { get; set; } = true;

    /// <summary>Whether an epoch's last, smaller batch is left out.</summary>
    public bool DropLast { get; set; }

    /// <summary>Passes over the data; may be a fraction.</summary>
    public double NumTrainEpochs { get; set; } = 1;

    /// <summary>Optimizer steps in place of epochs; −1: by epochs.</summary>
    public int MaxSteps { get; set; } = -1;

    /// <summary>Of the order of rows.</summary>
    public long Seed { get; set; } = 42;

    /// <summary>The peak learning rate.</summary>
    public double LearningRate { get; set; } = 5e-5;

    /// <summary>How it falls.</summary>
    public LearningRateScheduleType LearningRateScheduleType { get; set; } = LearningRateScheduleType.Cosine;

    /// <summary>Share of the steps that warm up; null: 0.1, or 0 for a constant learning rate.</summary>
    public double? WarmupRatio { get; set; }

    /// <summary>Steps that warm up, in place of the ratio where above 0.</summary>
    public int WarmupSteps { get; set; }

    /// <summary>AdamW's decoupled weight decay.</summary>
    public double WeightDecay { get; set; } = 0.01;

    /// <summary>Whether norm weights and biases are not decayed.</summary>
    public bool ExcludeNormAndBiasFromDecay { get; set; }

    /// <summary>AdamW's β₁.</summary>
    public double AdamBeta1 { get; set; } = 0.9;

    /// <summary>AdamW's β₂.</summary>
    public double AdamBeta2 { get; set; } = 0.95;

    /// <summary>AdamW's ε.</summary>
    public double AdamEpsilon { get; set; } = 1e-8;

    /// <summary>The global gradient norm to clip to; 0: no clipping.</summary>
    public double MaxGradNorm { get; set; } = 1;

    /// <summary>Steps skipped in a row, for numbers that are not finite, before the run ends.</summary>
    public int MaxSkippedSteps { get; set; } = 3;

    /// <summary>Steps between lines of progress.</summary>
    public int LoggingSteps { get; set; } = 1;

    /// <summary>Steps between evaluations; 0: after the last step alone.</summary>
    public int EvalSteps { get; set; } = 50;

    /// <summary>Steps between evaluations by sampled answers, of which the last step has one too; 0: none.</summary>
    public int EvalGenerateSteps { get; set; }

    /// <summary>How many problems of each file they have, the first ones.</summary>
    public int EvalGenerateProblems { get; set; } = 32;

    /// <summary>Samples a problem.</summary>
    public int EvalGenerateSamples { get; set; } = 4;

    /// <summary>The most tokens of a sample.</summary>
    public int EvalGenerateMaxNewTokens { get; set; } = 512;

    /// <summary>How a problem is put.</summary>
    public PromptStyle EvalGeneratePromptStyle { get; set; }

    /// <summary>Steps between checkpoints; 0: after the last step alone.</summary>
    public int SaveSteps { get; set; } = 100;

    /// <summary>Checkpoints kept, the best one among them; 0: all.</summary>
    public int SaveTotalLimit { get; set; } = 2;

    /// <summary>Element type of the saved models.</summary>
    public SaveDataType SaveDataType { get; set; }

    /// <summary>Whether the result is written to <c>final/</c>.</summary>
    public bool SaveFinal { get; set; } = true;

    /// <summary>Whether <c>final/</c> is the best evaluated model in place of the last.</summary>
    public bool LoadBestModelAtEnd { get; set; }

    /// <summary>What "best" means.</summary>
    public BestModelMetric MetricForBestModel { get; set; }

    /// <summary>The chat format, or null: the model's own.</summary>
    public string? ChatTemplate { get; set; }

    /// <summary>Which tokens of a row are trained.</summary>
    public LossMask Mask { get; set; }

    /// <summary>Which end-of-turn tokens of a conversation are trained.</summary>
    public TrainOnEos TrainOnEos { get; set; }

    /// <summary>auto, cpu, cuda or cuda:N.</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Worker threads on the CPU; 0: one a core. The result does not depend on it.</summary>
    public int Threads { get; set; }

    /// <summary>What a GPU keeps of each parameter.</summary>
    public Precision Precision { get; set; }

    /// <summary>Whether a GPU's matrix products are timed with several algorithms, the fastest of which this and later runs take.</summary>
    public bool Tune { get; set; }

    /// <summary>Whether the parts of each step are timed.</summary>
    public bool Profile { get; set; }

    /// <summary>The loss as the model takes it.</summary>
    public TokenLossOptions TokenLoss => new()
    {
        LossType = LossType,
        DftExponent = (float)DftExponent,
        DftMinWeight = (float)DftMinWeight,
        DftGranularity = DftGranularity,
        FocalGamma = (float)FocalGamma,
        EaftAlpha = (float)EaftAlpha,
        EaftTopK = EaftTopK,
        AsftAlpha = (float)AsftAlpha,
        EosWeight = (float?)EosWeight,
        TokenizerEosTokenIds = TokenizerEosTokenIds,
    };

    /// <summary>A transformer for this run, with what nobody chose as it is where memory is no matter.</summary>
    /// <param name="microBatchTokens">The most tokens of a pass.</param>
    internal TransformerOptions ForTransformer(int microBatchTokens) => new(microBatchTokens)
    {
        Training = true,
        Recompute = Recompute ?? RecomputeLevel.None,
        LossChunkRows = LossChunkRows ?? TransformerOptions.DefaultLossChunkRows,
        GradientType = Precision.StateType(),
        Seed = (ulong)Seed,
    };

    /// <summary>The optimizer's constants.</summary>
    public AdamWOptions AdamW => new()
    {
        Beta1 = (float)AdamBeta1,
        Beta2 = (float)AdamBeta2,
        Epsilon = (float)AdamEpsilon,
        WeightDecay = (float)WeightDecay,
    };

    /// <summary>The share of the steps that warm up, whether given or by default.</summary>
    public double ResolvedWarmupRatio => WarmupRatio ?? (LearningRateScheduleType == LearningRateScheduleType.Constant ? 0 : 0.1);
}
