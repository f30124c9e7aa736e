using DftNative.Backends.Cuda.SelfTest;

namespace DftNative.Train.Commands;

/// <summary><c>doctor --selftest</c>: every wrapper of a PTX instruction, run on a device against the PTX manual's results.</summary>
internal static class DoctorSelfTest
{
    /// <summary>Runs it and prints a row a wrapper.</summary>
    /// <param name="device"><c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="output">Receives the rows.</param>
    /// <returns><see cref="ExitCode.CheckFailed"/> where a wrapper does something else.</returns>
    public static ExitCode Run(string device, TextWriter output) => Print(KernelSelfTest.Run(DeviceFactory.ParseOrdinal(device)), output);

    /// <summary>Prints what was found.</summary>
    /// <returns>As <see cref="Run"/>.</returns>
    public static ExitCode Print(SelfTestReport report, TextWriter output)
    {
        output.WriteLine($"self-test on {report.Device}");
        if (report.IsEmulated) output.WriteLine("the device is EMULATED: C++ twins stand in for the instructions, so this says nothing about a GPU");
        var (wrapperWidth, instructionWidth) = (report.Results.Max(result => result.Wrapper.Length), report.Results.Max(result => result.Instruction.Length));
        foreach (var result in report.Results)
        {
            output.WriteLine(
                $"{(result.Failure is null ? "ok    " : "FAILED")}  {result.Wrapper.PadRight(wrapperWidth)}  {result.Instruction.PadRight(instructionWidth)}".TrimEnd());
            if (result.Failure is not null) output.WriteLine($"        {result.Failure.ReplaceLineEndings("\n        ")}");
        }

        var failed = report.Results.Count(result => result.Failure is not null);
        output.WriteLine(failed == 0 ? $"all {report.Results.Count} as the PTX manual says" : $"{failed} of {report.Results.Count} FAILED: do not train on this device");
        return report.Passed ? ExitCode.Success : ExitCode.CheckFailed;
    }
}
