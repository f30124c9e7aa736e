using DftNative.Generation;

namespace DftNative.Train.Commands;

/// <summary>What <c>generate</c> is asked for, beside the model and the device.</summary>
/// <param name="Prompt">The prompt; null: of the file, or of standard input.</param>
/// <param name="System">A system message, or null.</param>
/// <param name="IsRaw">Whether the prompt is continued as it is.</param>
/// <param name="DataPath">A file of prompts, or null.</param>
/// <param name="OutputPath">The file to write, or null.</param>
/// <param name="Sampling">How; its stop tokens are those beside the model's.</param>
/// <param name="Samples">Samples a prompt.</param>
/// <param name="BatchSize">Sequences at once, or null.</param>
internal sealed record GenerateRequest(
    string? Prompt, string? System, bool IsRaw, string? DataPath, string? OutputPath, GenerationOptions Sampling, int Samples, int? BatchSize);
