using DftNative.Checkpoints;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.CommandLine;

/// <summary>A model that is small but for its vocabulary.</summary>
internal static class RealTokenizerModel
{
    /// <summary>A small Qwen2 with random weights and Qwen2.5's own tokenizer.</summary>
    public static string Create(ScratchDirectory scratch)
    {
        var tokenizer = Oracles.TokenizerDirectory("qwen2_5");
        Directory.CreateDirectory(scratch.PathOf("source"));
        foreach (var name in new[] { "tokenizer.json", "tokenizer_config.json" })
            File.Copy(Path.Combine(tokenizer, name), Path.Combine(scratch.PathOf("source"), name));
        scratch.Write(
            Path.Combine("source", "config.json"),
            """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": 151936, "hidden_size": 64, "intermediate_size": 160,
             "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0,
             "max_position_embeddings": 4096, "tie_word_embeddings": true, "hidden_act": "silu", "eos_token_id": 151645, "torch_dtype": "bfloat16"}
            """);
        ModelInitializer.CreateDirectory(scratch.PathOf("source"), scratch.PathOf("model"), seed: 1);
        return scratch.PathOf("model");
    }
}
