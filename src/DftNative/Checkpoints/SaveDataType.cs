namespace DftNative.Checkpoints;

/// <summary>The type that weights are saved in (<c>save_dtype</c>).</summary>
public enum SaveDataType
{
    /// <summary>The type of the model that training began with.</summary>
    Auto,

    /// <summary>bf16.</summary>
    BFloat16,

    /// <summary>fp32.</summary>
    Float32,
}
