namespace DftNative.Evaluation.Benchmarks;

/// <summary>How a problem is put to a model.</summary>
public enum PromptStyle
{
    /// <summary>ChatML with a system message, as Qwen2.5-Math's evaluation has it for base models.</summary>
    QwenBoxed,

    /// <summary>Llama 3's headers, turns ended by its end of text, as the DFT paper's evaluation has it for base models.</summary>
    LlamaBaseBoxed,

    /// <summary>User and Assistant in plain text, as DeepSeekMath has it.</summary>
    DeepSeekMath,

    /// <summary>The model's own chat template.</summary>
    Chat,

    /// <summary>The problem itself, as it is: for base models of bare prompts.</summary>
    Raw,
}
