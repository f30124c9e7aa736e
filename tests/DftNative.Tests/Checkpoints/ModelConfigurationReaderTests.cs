using System.Text;
using System.Text.Json.Nodes;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Tests.Checkpoints;

public sealed class ModelConfigurationReaderTests
{
    [Test]
    public void ReadsEveryArchitecture([Values] ModelArchitecture architecture)
    {
        var warnings = new List<string>();
        var configuration = TinyModel.Read(TinyModel.Configuration(architecture), warnings);
        Assert.Multiple(() =>
        {
            Assert.That(warnings, Is.Empty);
            Assert.That(configuration.Architecture, Is.EqualTo(architecture));
            Assert.That(configuration.VocabularySize, Is.EqualTo(40));
            Assert.That(configuration.HiddenSize, Is.EqualTo(16));
            Assert.That(configuration.IntermediateSize, Is.EqualTo(24));
            Assert.That(configuration.LayerCount, Is.EqualTo(2));
            Assert.That(configuration.HeadCount, Is.EqualTo(4));
            Assert.That(configuration.KeyValueHeadCount, Is.EqualTo(2));
            Assert.That(configuration.HeadDimension, Is.EqualTo(architecture == ModelArchitecture.Qwen3 ? 8 : 4));
            Assert.That(configuration.RmsNormEpsilon, Is.EqualTo(1e-6f));
            Assert.That(configuration.RopeTheta, Is.EqualTo(1e6));
            Assert.That(configuration.RopeScaling, Is.EqualTo(new RotaryScaling.Default()));
            Assert.That(configuration.MaxPositionEmbeddings, Is.EqualTo(128));
            Assert.That(configuration.TieWordEmbeddings, Is.True);
            Assert.That(configuration.QueryKeyValueBias, Is.EqualTo(architecture == ModelArchitecture.Qwen2));
            Assert.That(configuration.AttentionOutputBias, Is.False);
            Assert.That(configuration.QueryKeyNorm, Is.EqualTo(architecture == ModelArchitecture.Qwen3));
            Assert.That(configuration.EosTokenIds, Is.EqualTo(new[] { 3 }));
        });
    }

    [Test]
    public void AbsentFieldsTakeTransformersDefaults()
    {
        var qwen = TinyModel.Configuration();
        foreach (var name in new[] { "tie_word_embeddings", "hidden_act", "rms_norm_eps", "max_position_embeddings", "eos_token_id", "num_key_value_heads", "model_type" }) qwen.Remove(name);
        var configuration = TinyModel.Read(qwen);
        Assert.That(configuration.TieWordEmbeddings, Is.False);
        Assert.That(configuration.MaxPositionEmbeddings, Is.EqualTo(32768));
        Assert.That(configuration.EosTokenIds, Is.Empty);
        Assert.That(configuration.KeyValueHeadCount, Is.EqualTo(4));
        Assert.That(configuration.RmsNormEpsilon, Is.EqualTo(1e-6f));

        var qwen3 = TinyModel.Configuration(ModelArchitecture.Qwen3);
        qwen3.Remove("head_dim");
        Assert.That(TinyModel.Read(qwen3).HeadDimension, Is.EqualTo(128), "Qwen3Config's default");
        var mistral = TinyModel.Configuration(ModelArchitecture.Mistral);
        mistral.Remove("num_key_value_heads");
        mistral["num_attention_heads"] = 16;
        mistral["head_dim"] = 4;
        Assert.That(TinyModel.Read(mistral).KeyValueHeadCount, Is.EqualTo(8), "MistralConfig's default");
        mistral["num_key_value_heads"] = null;
        Assert.That(TinyModel.Read(mistral).KeyValueHeadCount, Is.EqualTo(16));
    }

    [Test]
    public void RopeIsReadInBothSpellings()
    {
        Assert.That(Rope("""{"rope_parameters": {"rope_theta": 500000, "rope_type": "default"}, "rope_theta": null}"""), Is.EqualTo((500000.0, (RotaryScaling)new RotaryScaling.Default())));
        Assert.That(Rope("""{"rope_parameters": {"rope_theta": 1000000.0}}""").Theta, Is.EqualTo(1e6), "both there, and equal");
        Assert.That(Rope("""{"rope_scaling": {"type": "linear", "factor": 2.5}}""").Scaling, Is.EqualTo(new RotaryScaling.Linear(2.5)));
        Assert.That(Rope("""{"rope_scaling": {"rope_type": "linear", "type": "linear", "factor": 4}}""").Scaling, Is.EqualTo(new RotaryScaling.Linear(4)));
        const string Llama3 = """{"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}""";
        Assert.That(Rope($$"""{"rope_scaling": {{Llama3}}}""").Scaling, Is.EqualTo(new RotaryScaling.Llama3(8, 1, 4, 8192)));
        Assert.That(Rope($$"""{"rope_parameters": {{Llama3}}, "rope_scaling": {{Llama3}}}""").Scaling, Is.EqualTo(new RotaryScaling.Llama3(8, 1, 4, 8192)));
        Assert.That(Rope("""{"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 1.0}}""").Scaling, Is.EqualTo(new RotaryScaling.Default()));
    }

    [TestCase("Qwen2", """{"rope_theta": null}""", "rope_theta is missing")]
    [TestCase("Qwen2", """{"rope_parameters": {"rope_theta": 10000.0}}""", "rope_theta is given as")]
    [TestCase("Qwen2", """{"rope_scaling": {"type": "linear", "factor": 2}, "rope_parameters": {"rope_type": "default"}}""", "differ")]
    [TestCase("Qwen2", """{"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}""", "yarn")]
    [TestCase("Qwen2", """{"rope_scaling": {"type": "dynamic", "factor": 4.0}}""", "dynamic")]
    [TestCase("Qwen2", """{"rope_scaling": {"type": "linear", "rope_type": "dynamic", "factor": 4.0}}""", "type")]
    [TestCase("Qwen2", """{"rope_scaling": {"type": "linear"}}""", "factor")]
    [TestCase("Qwen2", """{"rope_scaling": {"type": "linear", "factor": 0}}""", "factor")]
    [TestCase("Qwen2", """{"rope_scaling": {"rope_type": "default", "mrope_section": [1, 2]}}""", "mrope_section")]
    [TestCase("Qwen2", """{"rope_parameters": {"full_attention": {"rope_theta": 1}}}""", "full_attention")]
    [TestCase("Qwen2", """{"rope_parameters": {"partial_rotary_factor": 0.5}}""", "partial_rotary_factor")]
    [TestCase("Llama", """{"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4}}""", "original_max_position_embeddings")]
    [TestCase("Llama", """{"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4, "original_max_position_embeddings": 8}}""", "low_freq_factor")]
    [TestCase("Qwen2", """{"rope_theta": "big"}""", "rope_theta")]
    [TestCase("Qwen2", """{"rope_theta": -1}""", "rope_theta")]
    [TestCase("Qwen2", """{"use_sliding_window": true}""", "use_sliding_window")]
    [TestCase("Qwen3", """{"use_sliding_window": true, "max_window_layers": 28}""", "use_sliding_window")]
    [TestCase("Mistral", """{"sliding_window": 4096}""", "sliding_window")]
    [TestCase("Qwen3", """{"layer_types": ["full_attention", "sliding_attention"]}""", "sliding_attention")]
    [TestCase("Qwen3", """{"layer_types": ["full_attention"]}""", "layer_types")]
    [TestCase("Qwen2", """{"hidden_act": "gelu"}""", "hidden_act")]
    [TestCase("Llama", """{"mlp_bias": true}""", "mlp_bias")]
    [TestCase("Qwen2", """{"attention_dropout": 0.1}""", "attention_dropout")]
    [TestCase("Llama", """{"pretraining_tp": 2}""", "pretraining_tp")]
    [TestCase("Llama", """{"partial_rotary_factor": 0.5}""", "partial_rotary_factor")]
    [TestCase("Llama", """{"quantization_config": {"bits": 4}}""", "quantization_config")]
    [TestCase("Llama", """{"final_logit_softcapping": 30.0}""", "final_logit_softcapping")]
    [TestCase("Llama", """{"residual_multiplier": 0.22}""", "residual_multiplier")]
    [TestCase("Llama", """{"num_local_experts": 8}""", "num_local_experts")]
    [TestCase("Llama", """{"no_rope_layers": [1, 0]}""", "no_rope_layers")]
    [TestCase("Llama", """{"is_causal": false}""", "is_causal")]
    [TestCase("Llama", """{"query_pre_attn_scalar": 256}""", "query_pre_attn_scalar")]
    [TestCase("Qwen2", """{"attention_bias": true}""", "attention_bias")]
    [TestCase("Qwen2", """{"architectures": ["Gemma2ForCausalLM"]}""", "Gemma2ForCausalLM")]
    [TestCase("Qwen2", """{"architectures": []}""", "architectures")]
    [TestCase("Qwen2", """{"architectures": ["LlamaForCausalLM"]}""", "model_type")]
    [TestCase("Qwen2", """{"architectures": null, "model_type": "gpt2"}""", "architectures")]
    [TestCase("Qwen2", """{"num_key_value_heads": 3}""", "num_key_value_heads")]
    [TestCase("Qwen2", """{"num_key_value_heads": 0}""", "num_key_value_heads")]
    [TestCase("Qwen2", """{"hidden_size": 12}""", "odd")]
    [TestCase("Qwen2", """{"hidden_size": 18}""", "hidden_size")]
    [TestCase("Qwen2", """{"head_dim": 7}""", "odd")]
    [TestCase("Qwen2", """{"hidden_size": null}""", "hidden_size is missing")]
    [TestCase("Qwen2", """{"hidden_size": 16.5}""", "hidden_size")]
    [TestCase("Qwen2", """{"hidden_size": "16"}""", "hidden_size")]
    [TestCase("Qwen2", """{"vocab_size": -1}""", "vocab_size")]
    [TestCase("Qwen2", """{"vocab_size": 99999999999}""", "vocab_size")]
    [TestCase("Qwen2", """{"num_hidden_layers": 0}""", "num_hidden_layers")]
    [TestCase("Qwen2", """{"rms_norm_eps": 0}""", "rms_norm_eps")]
    [TestCase("Qwen2", """{"tie_word_embeddings": "yes"}""", "tie_word_embeddings")]
    [TestCase("Qwen2", """{"eos_token_id": "</s>"}""", "eos_token_id")]
    public void WhatIsNotSupportedIsAnErrorThatNamesIt(string architecture, string changes, string mention) =>
        ErrorAssert.Throws(ExitCode.InvalidInput, () => TinyModel.Read(With(Enum.Parse<ModelArchitecture>(architecture), changes)), "config.json", mention);

    [TestCase("Qwen2", """{"use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 1, "use_mrope": false}""")]
    [TestCase("Qwen3", """{"layer_types": ["full_attention", "full_attention"], "sliding_window": null}""")]
    [TestCase("Llama", """{"pretraining_tp": 1, "mlp_bias": false, "attention_bias": false, "sliding_window": 4096, "quantization_config": null}""")]
    [TestCase("Llama", """{"final_logit_softcapping": null, "residual_multiplier": 1.0, "num_experts": 0, "pruned_heads": {}, "is_causal": true}""")]
    [TestCase("Llama", """{"dtype": "bfloat16", "torch_dtype": "bfloat16", "auto_map": {"a": "b"}, "id2label": {"0": "A"}, "unsloth_version": "1"}""")]
    public void WhatIsInactiveIsIgnored(string architecture, string changes)
    {
        var warnings = new List<string>();
        TinyModel.Read(With(Enum.Parse<ModelArchitecture>(architecture), changes), warnings);
        Assert.That(warnings, Is.Empty);
    }

    [Test]
    public void BiasesFollowTheFamily()
    {
        var llama = TinyModel.Read(With(ModelArchitecture.Llama, """{"attention_bias": true}"""));
        Assert.That((llama.QueryKeyValueBias, llama.AttentionOutputBias), Is.EqualTo((true, true)));
        var qwen3 = TinyModel.Read(With(ModelArchitecture.Qwen3, """{"attention_bias": true}"""));
        Assert.That((qwen3.QueryKeyValueBias, qwen3.AttentionOutputBias), Is.EqualTo((true, true)));
    }

    [Test]
    public void WhatIsNotKnownIsAWarning()
    {
        var warnings = new List<string>();
        TinyModel.Read(With(ModelArchitecture.Mistral, """{"my_field": 5, "eos_token_id": [3, 4, 3, 40, -1]}"""), warnings);
        Assert.That(warnings, Has.Count.EqualTo(3).And.Some.Contains("my_field").And.Some.Contains("eos_token_id 40"));
        var mistral = TinyModel.Configuration(ModelArchitecture.Mistral);
        mistral.Remove("sliding_window");
        warnings.Clear();
        Assert.That(TinyModel.Read(mistral, warnings).EosTokenIds, Is.EqualTo(new[] { 3 }));
        Assert.That(warnings, Has.Count.EqualTo(1).And.Some.Contains("sliding_window"));
    }

    [TestCase("[1]", "not a JSON object")]
    [TestCase("{", "not valid JSON")]
    [TestCase("", "not valid JSON")]
    [TestCase("""{"hidden_size": 1, "hidden_size": 2}""", "hidden_size")]
    [TestCase("""{"architectures": ["\ud800"]}""", "not valid JSON")]
    public void BrokenJsonIsNamed(string json, string mention) =>
        ErrorAssert.Throws(ExitCode.InvalidInput, () => ModelConfigurationReader.Read(Encoding.UTF8.GetBytes(json), "config.json", []), "config.json", mention);

    [Test]
    public void DamageIsAnErrorOrHarmless()
    {
        var whole = TinyModel.Bytes(With(ModelArchitecture.Llama, """{"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4, "original_max_position_embeddings": 8}}"""));
        var random = new Random(21);
        var failures = 0;
        for (var trial = 0; trial < 5000; trial++)
        {
            var bytes = whole.ToArray();
            for (var flip = random.Next(1, 4); flip > 0; flip--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                ModelConfigurationReader.Read(bytes, "config.json", []);
            }
            catch (DftNativeException exception)
            {
                Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
                failures++;
            }
        }

        Assert.That(failures, Is.GreaterThan(2000), "most damage is noticed");
    }

    private static (double Theta, RotaryScaling Scaling) Rope(string changes)
    {
        var configuration = TinyModel.Read(With(ModelArchitecture.Llama, changes));
        return (configuration.RopeTheta, configuration.RopeScaling);
    }

    private static JsonObject With(ModelArchitecture architecture, string changes)
    {
        var json = TinyModel.Configuration(architecture);
        foreach (var (name, value) in (JsonObject)JsonNode.Parse(changes)!) json[name] = value?.DeepClone();
        return json;
    }
}
