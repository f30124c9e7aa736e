namespace DftNative.Backends.Cuda;

/// <summary>
/// A kernel as it is compiled: a file, an entry point and the macros that specialise it. Each exists once, in
/// <see cref="KernelVariants.All"/>, and is compared by reference.
/// </summary>
/// <param name="fileName">The file under kernels/.</param>
/// <param name="entryPoint">The kernel's name in the file.</param>
/// <param name="defines">NAME=VALUE.</param>
internal sealed class KernelVariant(string fileName, string entryPoint, params string[] defines)
{
    /// <summary>The file under kernels/.</summary>
    public string FileName => fileName;

    /// <summary>The kernel's name in the file.</summary>
    public string EntryPoint => entryPoint;

    /// <summary>NAME=VALUE.</summary>
    public IReadOnlyList<string> Defines => defines;

    /// <summary>The variant in words, for messages and tables.</summary>
    public override string ToString() => $"{entryPoint}<{string.Join(", ", defines)}>";
}
