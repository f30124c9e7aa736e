namespace DftNative.Cuda;

/// <summary>A text for NVRTC.</summary>
/// <param name="FileName">Its name in messages and in #include.</param>
/// <param name="Text">The text.</param>
public sealed record CudaProgramSource(string FileName, string Text);
