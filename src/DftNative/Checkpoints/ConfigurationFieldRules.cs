using System.Collections.Frozen;
using System.Text.Json;

namespace DftNative.Checkpoints;

/// <summary>
/// What to think of a config.json field that is not read: harmless (nothing in the training pass depends on it), neutral
/// (it would change the mathematics, but its value says that it does not), dangerous (an error), or unknown (a warning).
/// </summary>
internal static class ConfigurationFieldRules
{
    /// <summary>Fields that the reader itself checks, and fields that the training pass does not depend on.</summary>
    private static readonly FrozenSet<string> Harmless = FrozenSet.Create(StringComparer.Ordinal,
        // Read or checked by ModelConfigurationReader.
        "architectures", "model_type", "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "head_dim", "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters", "partial_rotary_factor",
        "max_position_embeddings", "original_max_position_embeddings", "tie_word_embeddings", "attention_bias", "mlp_bias", "hidden_act",
        "use_sliding_window", "sliding_window", "max_window_layers", "layer_types", "eos_token_id", "torch_dtype", "dtype", "initializer_range",
        // Provenance and loading.
        "transformers_version", "_name_or_path", "name_or_path", "auto_map", "_commit_hash", "tokenizer_class", "torchscript", "use_bfloat16",
        "unsloth_version", "unsloth_fixed", "license", "pretraining_dataset", "finetuning_task",
        // Other tokens; the rows decide which tokens are in the input. (With pad_token_id, transformers gives the padding
        // token's embedding no gradient; rows hold no padding here.)
        "bos_token_id", "pad_token_id", "sep_token_id", "unk_token_id", "cls_token_id", "mask_token_id", "decoder_start_token_id",
        "image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id", "vision_token_id", "audio_token_id",
        // How the same result is computed or returned.
        "use_cache", "use_flash_attention_2", "_flash_attn_2_enabled", "_attn_implementation", "_attn_implementation_autoset", "attn_implementation",
        "_experts_implementation", "gradient_checkpointing", "chunk_size_feed_forward", "output_attentions", "output_hidden_states", "return_dict",
        "use_return_dict", "return_dict_in_generate", "output_scores", "is_decoder", "base_model_tp_plan", "base_model_pp_plan",
        // Heads for other tasks.
        "id2label", "label2id", "num_labels", "problem_type", "task_specific_params", "prefix", "classifier_dropout",
        // Generation.
        "max_length", "min_length", "max_new_tokens", "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty",
        "temperature", "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
        "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "forced_bos_token_id", "forced_eos_token_id",
        "remove_invalid_values", "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens", "generation_config");

    /// <summary>Fields that change the mathematics, with the number that says that they do not (beside null and false).</summary>
    private static readonly FrozenDictionary<string, double> NeutralNumbers = new Dictionary<string, double>
    {
        ["pretraining_tp"] = 1,
        ["embedding_multiplier"] = 1,
        ["residual_multiplier"] = 1,
        ["logits_scaling"] = 1,
        ["logit_scale"] = 1,
        ["lm_head_multiplier"] = 1,
        ["scale_emb"] = 1,
        ["rotary_pct"] = 1,
        ["rope_ratio"] = 1,
        ["mscale"] = 1,
        ["mscale_all_dim"] = 0,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Fields that change the mathematics unless null, false, 0 or empty, and that no part of <see cref="DangerousParts"/> names.</summary>
    private static readonly FrozenSet<string> Dangerous = FrozenSet.Create(StringComparer.Ordinal,
        "is_encoder_decoder", "add_cross_attention", "cross_attention_hidden_size", "tie_encoder_decoder", "pruned_heads", "text_config",
        "scale_depth", "dim_model_base", "query_pre_attn_scalar", "attention_scale", "attn_scale", "clip_qkv", "alibi", "use_alibi",
        "no_rope_layers", "no_rope_layer_interval", "nope_layer_interval", "use_mrope", "use_qk_norm", "qk_norm", "qk_layernorm", "use_bias",
        "qkv_bias", "o_bias", "parallel_residual", "use_parallel_residual", "sandwich_norm", "use_post_norm", "norm_type", "use_layernorm",
        "attention_sinks", "attn_temperature_tuning", "attention_chunk_size", "kv_lora_rank", "q_lora_rank", "qk_rope_head_dim",
        "hidden_size_per_layer_input", "vocab_size_per_layer_input", "num_kv_shared_layers", "num_nextn_predict_layers", "hidden_activation",
        "position_embedding_type", "full_attention_interval", "compression_config", "use_logn_attn", "use_dynamic_ntk", "attention_output_gate",
        "attn_output_gate", "llama_4_scaling", "llama_4_scaling_beta");

    /// <summary>Fields that change the mathematics where they are false.</summary>
    private static readonly FrozenSet<string> DangerousIfFalse = FrozenSet.Create(StringComparer.Ordinal, "is_causal", "causal", "use_rope", "scale_attn_weights");

    /// <summary>Parts of names that give a field away as one of the mathematics'.</summary>
    private static readonly string[] DangerousParts =
    [
        "softcap", "multiplier", "expert", "moe", "router", "dropout", "pdrop", "rope_", "_rope", "rotary", "quantiz", "mamba", "ssm_",
        "vision_config", "audio_config", "altup", "laurel", "sliding", "mup_", "linear_attn", "linear_key", "linear_value", "conv_kernel",
    ];

    /// <summary>Judges a field.</summary>
    /// <returns>A warning for a field that is not known, or null.</returns>
    /// <exception cref="DftNativeException">Exit code 3: it changes the mathematics and is not supported.</exception>
    public static string? Check(ConfigurationFields fields, string name, JsonElement value)
    {
        if (DangerousIfFalse.Contains(name))
            return value.ValueKind is JsonValueKind.True or JsonValueKind.Null ? null : throw Unsupported(fields, name, value);
        if (Harmless.Contains(name) || IsAbsent(value)) return null;
        if (NeutralNumbers.TryGetValue(name, out var neutral))
        {
            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number == neutral) return null;
            throw Unsupported(fields, name, value);
        }

        if (Dangerous.Contains(name) || DangerousParts.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)))
            throw Unsupported(fields, name, value);
        return $"config.json: the field {name} is not known and has no effect here";
    }

    private static DftNativeException Unsupported(ConfigurationFields fields, string name, JsonElement value) =>
        fields.Bad($"{name} is {ConfigurationFields.Shorten(value)}: it changes the model's mathematics and is not supported");

    private static bool IsAbsent(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => true,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number == 0,
        JsonValueKind.String => value.ValueEquals(""),
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => !value.EnumerateObject().Any(),
        _ => false,
    };
}
