namespace DftNative.Backends.Cuda.SelfTest;

/// <summary>One launch of a kernel of kernels/self_test.cu, by one warp.</summary>
/// <param name="Kernel">The kernel.</param>
/// <param name="Input">Its input's words.</param>
/// <param name="SharedMemoryInBytes">Its shared memory.</param>
/// <param name="Checks">The parts of its output, in order.</param>
internal sealed record SelfTestLaunch(
    KernelVariant Kernel, uint[] Input, int SharedMemoryInBytes, IReadOnlyList<SelfTestCheck> Checks)
{
    /// <summary>Words of the output.</summary>
    public int OutputLength => Checks.Sum(check => check.Expected.Count);

    /// <summary>How each wrapper fared, by the output's words.</summary>
    public SelfTestResult[] Judge(ReadOnlySpan<uint> output)
    {
        var results = new SelfTestResult[Checks.Count];
        var begin = 0;
        for (var index = 0; index < results.Length; index++)
        {
            var check = Checks[index];
            results[index] = new SelfTestResult(
                check.Wrapper, check.Instruction, check.FindDifference(output.Slice(begin, check.Expected.Count)));
            begin += check.Expected.Count;
        }

        return results;
    }

    /// <summary>The same failure for each wrapper.</summary>
    public IEnumerable<SelfTestResult> Fail(string reason) =>
        Checks.Select(check => new SelfTestResult(check.Wrapper, check.Instruction, reason));
}
