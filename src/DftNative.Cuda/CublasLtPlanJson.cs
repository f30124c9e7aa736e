using System.Text.Json.Serialization;

namespace DftNative.Cuda;

/// <summary>JSON of <see cref="CublasLtPlanFile"/>, without reflection.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CublasLtPlanFile))]
internal sealed partial class CublasLtPlanJson : JsonSerializerContext;
