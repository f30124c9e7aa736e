namespace DftNative.Tests.Cuda;

/// <summary>A fault to be planted in a kernel, and the tests of which one must fail then.</summary>
/// <param name="File">The file under kernels/.</param>
/// <param name="Text">What is there once.</param>
/// <param name="Replacement">What takes its place.</param>
/// <param name="Fixture">Where the tests are.</param>
/// <param name="Tests">How their names begin.</param>
/// <param name="Architecture">Of the emulated device, where only another than the usual one's variant has the text.</param>
internal sealed record KernelFault(string File, string Text, string Replacement, Type Fixture, string Tests, string Architecture = "80")
{
    /// <summary>Writes all kernels to a folder, one of them with the fault.</summary>
    public void Plant(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(Path.Combine(RepositoryFolder.Path, "kernels")))
        {
            var text = System.IO.File.ReadAllText(path);
            if (Path.GetFileName(path) == File)
            {
                Assert.That(text.Split(Text), Has.Length.EqualTo(2), $"kernels/{File} has no longer, or more than once: {Text}");
                text = text.Replace(Text, Replacement, StringComparison.Ordinal);
            }

            System.IO.File.WriteAllText(Path.Combine(folder, Path.GetFileName(path)), text);
        }
    }
}
