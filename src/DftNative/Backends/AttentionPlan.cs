namespace DftNative.Backends;

/// <summary>What a backend makes on the host of the ranges of a pass before it runs: opaque, and only the backend that made it reads it.</summary>
public abstract class AttentionPlan;
