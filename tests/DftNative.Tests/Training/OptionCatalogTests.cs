using DftNative.Losses;
using DftNative.Models;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>The options: the recipe's defaults, what is refused, and what the refusal says.</summary>
public sealed class OptionCatalogTests
{
    [Test]
    public void DefaultsAreThePublishedRecipe()
    {
        var expected = new Dictionary<string, string>
        {
            ["loss_type"] = "dft",
            ["global_batch_size"] = "256",
            ["max_length"] = "2048",
            ["learning_rate"] = "5e-05",
            ["num_train_epochs"] = "1",
            ["lr_scheduler_type"] = "cosine",
            ["adam_beta1"] = "0.9",
            ["adam_beta2"] = "0.95",
            ["adam_epsilon"] = "1e-08",
            ["weight_decay"] = "0.01",
            ["weight_decay_exclude"] = "none",
            ["max_grad_norm"] = "1",
            ["packing"] = "true",
            ["drop_last"] = "false",
            ["max_steps"] = "-1",
        };
        var options = new TrainingOptions();
        foreach (var (name, value) in expected) Assert.That(OptionCatalog.Find(name).GetText(options), Is.EqualTo(value), name);
        Assert.That(options.ResolvedWarmupRatio, Is.EqualTo(0.1));
    }

    [Test]
    public void EveryOptionTakesItsOwnDefaultBack()
    {
        var options = new TrainingOptions();
        foreach (var option in OptionCatalog.All) option.Set(options, option.Get(new TrainingOptions()) is { Count: > 0 } values ? values : ["none"]);
        Assert.That(options, Is.EqualTo(new TrainingOptions { Data = options.Data, EvalData = options.EvalData }));
    }

    [TestCase("learning_rate", "nan", "not a number")]
    [TestCase("learning_rate", "Infinity", "not a number")]
    [TestCase("learning_rate", "1e400", "not a number")]
    [TestCase("learning_rate", "-1e-5", "out of range")]
    [TestCase("learning_rate", "fast", "not a number")]
    [TestCase("adam_beta2", "1", "out of range")]
    [TestCase("adam_epsilon", "0", "out of range")]
    [TestCase("warmup_ratio", "1.5", "out of range")]
    [TestCase("dft_min_weight", "2", "out of range")]
    [TestCase("global_batch_size", "0", "out of range")]
    [TestCase("global_batch_size", "1.5", "not an integer")]
    [TestCase("global_batch_size", "3000000000", "out of range")]
    [TestCase("max_length", "1", "out of range")]
    [TestCase("micro_batch_tokens", "0", "out of range")]
    [TestCase("max_steps", "-2", "out of range")]
    [TestCase("packing", "maybe", "not one of true, false")]
    [TestCase("lr_scheduler_type", "polynomial", "not one of linear")]
    [TestCase("weight_decay_exclude", "all", "not one of none, norm_bias")]
    [TestCase("save_dtype", "fp16", "not one of auto, bf16, fp32")]
    [TestCase("loss_type", "mse", "not one of sft, dft, focal, eaft, asft")]
    [TestCase("recompute", "all", "not one of auto, none, norms, ffn, block")]
    [TestCase("loss_chunk_rows", "0", "out of range")]
    [TestCase("focal_gamma", "-1", "out of range")]
    [TestCase("eaft_top_k", "1", "out of range")]
    [TestCase("eaft_alpha", "-1", "out of range")]
    [TestCase("asft_alpha", "-0.1", "out of range")]
    [TestCase("dft_granularity", "word", "not one of token, sentence, geometric")]
    public void ABadValueIsRefusedByName(string key, string value, string reason)
    {
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Set(new TrainingOptions(), key, value));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain(key).And.Contain(reason));
        });
    }

    [TestCase("author_compat", "true")]
    public void APlannedOptionIsNeverIgnored(string key, string value)
    {
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Set(new TrainingOptions(), key, value));
        Assert.That(exception!.Message, Does.Contain("not supported yet"));
    }

    [Test]
    public void RecomputeIsAutoOrALevel()
    {
        var options = new TrainingOptions();
        Assert.That(OptionCatalog.Find("recompute").GetText(options), Is.EqualTo("auto"));
        foreach (var (text, level) in new[] { ("none", RecomputeLevel.None), ("norms", RecomputeLevel.Norms), ("ffn", RecomputeLevel.FeedForward), ("block", RecomputeLevel.Block) })
        {
            OptionCatalog.Set(options, "recompute", text);
            Assert.That(options.Recompute, Is.EqualTo(level));
            Assert.That(options.ForTransformer(7).Recompute, Is.EqualTo(level));
        }

        OptionCatalog.Set(options, "recompute", "auto");
        Assert.That((options.Recompute, options.ForTransformer(7)), Is.EqualTo(((RecomputeLevel?)null, new TransformerOptions(7) { Training = true, Seed = 42 })));
    }

    /// <summary>What someone set and the loss does not read is a mistake, never silence.</summary>
    [TestCase("sft", "dft_exponent", "0.5", "dft and asft")]
    [TestCase("eaft", "dft_min_weight", "0.1", "dft and asft")]
    [TestCase("focal", "dft_granularity", "sentence", "dft and asft")]
    [TestCase("dft", "focal_gamma", "1", "focal")]
    [TestCase("asft", "eaft_alpha", "2", "eaft")]
    [TestCase("dft", "eaft_top_k", "10", "eaft")]
    [TestCase("dft", "asft_alpha", "0.2", "asft")]
    [TestCase("sft", "reference_model", "other", "asft")]
    public void AnOptionOfAnotherLossIsRefused(string lossType, string option, string value, string owners)
    {
        var options = new TrainingOptions();
        OptionCatalog.Set(options, "loss_type", lossType);
        OptionCatalog.Set(options, option, value);
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Validate(options));
        Assert.Multiple(() =>
        {
            Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.Usage));
            Assert.That(exception.Message, Does.Contain($"{option} {value}").And.Contain($"loss_type {lossType}").And.Contain($"an option of {owners};"));
        });
    }

    [TestCase("dft", "dft_granularity", "geometric")]
    [TestCase("asft", "dft_exponent", "0.5")]
    [TestCase("asft", "reference_model", "other")]
    [TestCase("focal", "focal_gamma", "0")]
    [TestCase("eaft", "eos_weight", "0.5")]
    [TestCase("sft", "dft_exponent", "1")]
    public void AnOptionOfTheLossOrAtItsDefaultIsTaken(string lossType, string option, string value)
    {
        var options = new TrainingOptions();
        OptionCatalog.Set(options, "loss_type", lossType);
        OptionCatalog.Set(options, option, value);
        Assert.DoesNotThrow(() => OptionCatalog.Validate(options));
    }

    [TestCase("learning_rat", "learning_rate")]
    [TestCase("lr-scheduler", "lr_scheduler_type")]
    [TestCase("epochs", "num_train_epochs")]
    [TestCase("learning", "learning_rate")]
    public void AnUnknownKeyNamesTheNearest(string key, string nearest)
    {
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Find(key));
        Assert.That(exception!.Message, Does.Contain($"'{key}'").And.Contain(nearest));
    }

    [TestCase("xyzzy")]
    [TestCase("cash_dirt_box")]
    public void AKeyThatIsLikeNoneNamesNone(string key) =>
        Assert.That(() => OptionCatalog.Find(key), Throws.TypeOf<DftNativeException>().With.Message.EqualTo($"unknown option '{key}'"));

    [Test]
    public void HowAnswersAreSampledIsNothingWhereNoneAre()
    {
        foreach (var (name, value) in new[] { ("problems", "5"), ("samples", "2"), ("max_new_tokens", "9"), ("prompt_style", "raw") })
        {
            var options = new TrainingOptions();
            OptionCatalog.Set(options, "eval_generate_" + name, value);
            Assert.That(() => OptionCatalog.Validate(options), Throws.TypeOf<DftNativeException>().With.Message.StartsWith($"eval_generate_{name} {value} has no effect"));
        }
    }

    [TestCase("batch_size")]
    [TestCase("per_device_train_batch_size")]
    [TestCase("gradient_accumulation_steps")]
    [TestCase("gradient-accumulation-steps")]
    public void TheTwoReplacedOptionsSayWhatReplacesThem(string key)
    {
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Set(new TrainingOptions(), key, "8"));
        Assert.That(exception!.Message, Does.Contain("global_batch_size").And.Contain("micro_batch_tokens"));
    }

    [Test]
    public void HyphensCountAsUnderscores()
    {
        var options = new TrainingOptions();
        OptionCatalog.Set(options, "learning-rate", "1e-3");
        OptionCatalog.Set(options, "output", "out");
        OptionCatalog.Set(options, "loss-type", "sft");
        Assert.That((options.LearningRate, options.OutputDirectory, options.LossType), Is.EqualTo((1e-3, "out", LossType.Sft)));
    }

    [Test]
    public void ValuesSetByCodeAreChecked()
    {
        var exception = Assert.Throws<DftNativeException>(() => OptionCatalog.Validate(new TrainingOptions { LearningRate = double.NaN }));
        Assert.That(exception!.Message, Does.Contain("learning_rate"));
    }

    [TestCase("kitten", "sitting", 3)]
    [TestCase("", "abc", 3)]
    [TestCase("abc", "", 3)]
    [TestCase("flaw", "lawn", 2)]
    [TestCase("same", "same", 0)]
    public void DistanceIsLevenshteins(string first, string second, int expected) =>
        Assert.That(NearestName.Distance(first, second), Is.EqualTo(expected));

    [Test]
    public void TheReadmesTableIsTheCatalogues()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "DftNative.sln"))) directory = directory.Parent;
        if (directory is null) Assert.Ignore("the repository is not here");
        var table = OptionCatalog.FormatMarkdownTable();
        var readme = File.ReadAllText(Path.Combine(directory!.FullName, "README.md"));
        if (!readme.Contains(table[..table.IndexOf('\n', StringComparison.Ordinal)], StringComparison.Ordinal)) Assert.Ignore("the README has no table of options yet");
        Assert.That(readme.Contains(table, StringComparison.Ordinal), $"the README's table of options should be:\n{table}");
    }

    [Test]
    public void TheTableHasALinePerOption() =>
        Assert.That(OptionCatalog.FormatMarkdownTable().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(OptionCatalog.All.Count + 2));
}
