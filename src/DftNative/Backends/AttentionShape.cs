namespace DftNative.Backends;

/// <summary>The heads of a grouped-query attention. Query head h reads key/value head h / (HeadCount / KeyValueHeadCount).</summary>
/// <param name="HeadCount">Query heads.</param>
/// <param name="KeyValueHeadCount">Key/value heads; divides HeadCount.</param>
/// <param name="HeadDimension">Channels of a head.</param>
/// <param name="Scale">Factor on q·k before the softmax: 1/√HeadDimension.</param>
public readonly record struct AttentionShape(int HeadCount, int KeyValueHeadCount, int HeadDimension, float Scale);
