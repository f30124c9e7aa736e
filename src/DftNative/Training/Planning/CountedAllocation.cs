using DftNative.Backends;

namespace DftNative.Training.Planning;

/// <summary>Memory that a run asks its device for.</summary>
/// <param name="Category">What it is for.</param>
/// <param name="Name">What it holds.</param>
/// <param name="SizeInBytes">Bytes asked for; the driver may set aside more.</param>
public readonly record struct CountedAllocation(MemoryCategory Category, string Name, long SizeInBytes);
