using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>Where on a device a tensor of a file goes.</summary>
/// <param name="Weights">The arena: fp32, or bf16 with or without the low bits.</param>
/// <param name="Offset">Its first element there.</param>
internal readonly record struct UploadTarget(MasterWeights Weights, long Offset);
