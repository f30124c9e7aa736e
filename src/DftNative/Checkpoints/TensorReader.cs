namespace DftNative.Checkpoints;

/// <summary>Gives a part of a tensor's values, in fp32. Called from one thread at a time, with parts in ascending order.</summary>
/// <param name="name">The tensor's name.</param>
/// <param name="start">The first element wanted.</param>
/// <param name="destination">Written: the elements from <paramref name="start"/>.</param>
public delegate void TensorReader(string name, long start, Span<float> destination);
