using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>What a saved model takes over from the model that training began with.</summary>
/// <param name="Configuration">The architecture.</param>
/// <param name="ConfigurationJson">config.json as it stands, UTF-8.</param>
/// <param name="Directory">Where the tokenizer and generation files are.</param>
/// <param name="DataType">The type of the weights: what <see cref="SaveDataType.Auto"/> saves.</param>
/// <param name="Warnings">What a user should know about the configuration.</param>
public sealed record ModelTemplate(
    ModelConfiguration Configuration, ReadOnlyMemory<byte> ConfigurationJson, string Directory, DataType DataType, IReadOnlyList<string> Warnings)
{
    /// <summary>The standard deviation of newly made weights (initializer_range, 0.02 where config.json names none).</summary>
    public double InitializerRange { get; private init; } = 0.02;

    /// <summary>Reads the config.json of a directory, which needs no weights.</summary>
    /// <exception cref="DftNativeException">Exit code 3.</exception>
    public static ModelTemplate Read(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) throw new DftNativeException(ExitCode.InvalidInput, $"{directory}: no such model directory");
        var path = Path.Combine(directory, ModelFileNames.Configuration);
        if (!File.Exists(path)) throw new DftNativeException(ExitCode.InvalidInput, $"{directory}: there is no config.json; give a Hugging Face model directory");
        var json = JsonInput.ReadFile(path);
        var warnings = new List<string>();
        var configuration = ModelConfigurationReader.Read(json, path, warnings);
        var (dataType, range) = JsonInput.ParseObject(json, path, root =>
        {
            var fields = new ConfigurationFields(path, root);
            return (ReadDataType(fields), fields.OptionalDouble("initializer_range", 0, 10));
        });
        return new ModelTemplate(configuration, json, directory, dataType, warnings) { InitializerRange = range ?? 0.02 };
    }

    /// <summary>The type that weights are saved in.</summary>
    public DataType Resolve(SaveDataType saveDataType) => saveDataType switch
    {
        SaveDataType.BFloat16 => DataType.BFloat16,
        SaveDataType.Float32 => DataType.Float32,
        _ => DataType,
    };

    private static DataType ReadDataType(ConfigurationFields fields) =>
        (fields.OptionalString("dtype") ?? fields.OptionalString("torch_dtype"))?.Replace("torch.", "", StringComparison.Ordinal) switch
        {
            "bfloat16" => DataType.BFloat16,
            "float16" or "half" => DataType.Float16,
            _ => DataType.Float32,
        };
}
