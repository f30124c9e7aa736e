namespace DftNative.Models;

/// <summary>The decoder families that are read and written.</summary>
public enum ModelArchitecture
{
    /// <summary>Qwen2ForCausalLM: biases on q, k and v.</summary>
    Qwen2,

    /// <summary>Qwen3ForCausalLM: RMSNorm on each head of q and k.</summary>
    Qwen3,

    /// <summary>LlamaForCausalLM.</summary>
    Llama,

    /// <summary>MistralForCausalLM.</summary>
    Mistral,
}
