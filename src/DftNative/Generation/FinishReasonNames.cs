namespace DftNative.Generation;

/// <summary>The names of <see cref="FinishReason"/> in files, as common interfaces have them.</summary>
internal static class FinishReasonNames
{
    /// <summary><c>stop</c> or <c>length</c>.</summary>
    public static string Of(FinishReason reason) => reason == FinishReason.Length ? "length" : "stop";
}
