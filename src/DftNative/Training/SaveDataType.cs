namespace DftNative.Training;

/// <summary>The element type of saved models.</summary>
public enum SaveDataType
{
    /// <summary>The type of the source model's weights.</summary>
    Auto,

    /// <summary>bfloat16, rounded to nearest even.</summary>
    BFloat16,

    /// <summary>fp32, as trained.</summary>
    Float32,
}
