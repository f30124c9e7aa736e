using System.Diagnostics;
using DftNative.Reference;

namespace DftNative.Tests.Reference;

/// <summary>The committed golden files are what their generator writes.</summary>
[TestFixture]
[Category("Slow")]
internal sealed class GoldenGeneratorTests
{
    private const string Python = "/usr/bin/python3";

    [Test]
    public void CommittedFilesAreTheGenerators()
    {
        if (!File.Exists(Python) || Run("-c", "import torch") != 0) Assert.Ignore("Debian's python3-torch is not installed.");
        var folder = Directory.CreateTempSubdirectory("dftnative-golden-");
        try
        {
            Assert.That(Run(Path.Combine(GoldenFile.Folder, "generate.py"), folder.FullName), Is.Zero, "exit status of generate.py");
            foreach (var name in GoldenModel.Names.Append("adamw"))
            {
                var (committed, generated) = (new GoldenFile(name), new GoldenFile(name, folder.FullName));
                Assert.That(generated.TensorNames, Is.EqualTo(committed.TensorNames));
                // Not bitwise: another processor or version of PyTorch may sum in another order.
                foreach (var tensor in committed.TensorNames)
                    Assert.That(RelativeError.Of(committed.Tensor(tensor), generated.Tensor(tensor)), Is.LessThanOrEqualTo(1e-12), $"{name}: {tensor}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
