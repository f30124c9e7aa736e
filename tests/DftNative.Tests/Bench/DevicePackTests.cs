using System.Text.RegularExpressions;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Bench;

/// <summary>The archive for a GPU machine: that it is small enough, and that what is in it runs, on the emulator.</summary>
[TestFixture]
[NonParallelizable]
[Category("Slow")]
internal sealed partial class DevicePackTests
{
    private const int MostFiles = 8;

    [Test]
    public void TheArchiveIsSmallAndRuns()
    {
        CudaEmulator.Require();
        if (Command.Run("xz", ["--version"]) is null) Assert.Ignore("pack.sh needs xz (Debian: apt-get install xz-utils)");
        var folder = Directory.CreateTempSubdirectory("dftnative-device-").FullName;
        try
        {
            var archive = Path.Combine(folder, "device.tar.xz");
            AssertSucceeds(Command.Run("bash", ["bench/device/pack.sh", archive])!);
            AssertSucceeds(Command.Run("tar", ["-C", folder, "-xf", archive])!);
            var output = Path.Combine(folder, "out");
            AssertSucceeds(Command.Run(
                "bash", [Path.Combine(folder, "dftnative-device", "run.sh"), output, "doctor", "tests", "sanitizer", "gradients", "kernels", "training", "decode", "ncu"])!);

            Assert.That(Directory.GetFiles(output), Has.Length.LessThanOrEqualTo(MostFiles));
            var summary = File.ReadAllText(Path.Combine(output, "summary.txt"));
            Assert.That(summary, Does.StartWith("device: EMULATED").And.Match(@"commit: [0-9a-f]{40}"));
            foreach (var line in (string[])
            [
                "doctor +exit 0", "tests +failed 0 succeeded [1-9]", "sanitizer +not run: compute-sanitizer needs a GPU, and this one is emulated",
                "gradients +every architecture within", "kernels +[1-9][0-9]* kernels right, 0 failed", "training +reduced 7B and 1.5B ran", "decode +reduced 7B and 1.5B ran", "ncu +not run",
            ])
                Assert.That(summary, Does.Match(line));

            // An emulated device has no speed.
            foreach (var file in Directory.GetFiles(output, "*.txt").Where(file => !file.EndsWith("tests.txt", StringComparison.Ordinal)))
                Assert.That(Speed().Matches(File.ReadAllText(file)), Is.Empty, file);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex(@"\d (ms|s|tokens/s|TB/s|TFLOP/s|TF/s)\b")]
    private static partial Regex Speed();

    private static void AssertSucceeds(Command command) => Assert.That(command.ExitCode, Is.Zero, command.Output);
}
