using System.Text.Json;
using DftNative.Checkpoints;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>A tiny model with random weights and the committed tokenizer, a benchmark for it, and what evaluations of it wrote.</summary>
internal sealed class EvaluationModel : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public EvaluationModel(int maxPositions = 512)
    {
        Directory.CreateDirectory(scratch.PathOf("source"));
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" }) File.Copy(Path.Combine(Fixtures.TokenizerDirectory, name), scratch.PathOf("source/" + name));
        scratch.Write(
            "source/config.json",
            $$"""
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 1264, "hidden_size": 32, "intermediate_size": 48,
             "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_theta": 10000.0,
             "max_position_embeddings": {{maxPositions}}, "tie_word_embeddings": true, "hidden_act": "silu", "initializer_range": 0.1,
             "eos_token_id": 1256, "torch_dtype": "float32"}
            """);
        ModelInitializer.CreateDirectory(scratch.PathOf("source"), ModelPath, seed: 1);
    }

    public string ModelPath => scratch.PathOf("model");

    public string PathOf(string name) => scratch.PathOf(name);

    public string Write(string name, string text) => scratch.Write(name, text);

    /// <summary>A file of sums.</summary>
    public string WriteProblems(int count, string name = "sums.jsonl") =>
        Write(name, string.Concat(Enumerable.Range(1, count).Select(i => $"{{\"problem\": \"What is {i} + {i}?\", \"answer\": {2 * i}}}\n")));

    public static List<JsonElement> Rows(string path) => [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)];

    public static JsonElement Summary(string folder) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "summary.json"))).RootElement;

    public void Dispose() => scratch.Dispose();
}
