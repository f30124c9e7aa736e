namespace DftNative.Cuda;

/// <summary>The extents of a grid or of a block.</summary>
/// <param name="X">The fastest one.</param>
/// <param name="Y">The next.</param>
/// <param name="Z">The slowest.</param>
public readonly record struct Dimensions(uint X, uint Y, uint Z)
{
    /// <summary>One-dimensional.</summary>
    public static implicit operator Dimensions(int x) => new((uint)x, 1, 1);

    /// <summary>For messages.</summary>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
