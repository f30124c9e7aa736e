namespace DftNative.Backends.Cuda;

/// <summary>A kernel as it is compiled: a file, an entry point and the macros that specialise it.</summary>
/// <param name="Index">Its place in <see cref="KernelVariants.All"/>.</param>
/// <param name="FileName">The file under kernels/.</param>
/// <param name="EntryPoint">The kernel's name in the file.</param>
/// <param name="Defines">NAME=VALUE.</param>
internal sealed record KernelVariant(int Index, string FileName, string EntryPoint, IReadOnlyList<string> Defines)
{
    /// <summary>The variant in words, for messages and tables.</summary>
    public override string ToString() => $"{EntryPoint}<{string.Join(", ", Defines)}>";
}
