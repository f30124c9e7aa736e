namespace DftNative.Data;

/// <summary>What a record came to, before it is cut or left out.</summary>
/// <param name="Row">The row.</param>
/// <param name="IsOpen">Whether it is a conversation whose last turn is not the assistant's.</param>
internal readonly record struct EncodedRecord(TrainingRow Row, bool IsOpen);
