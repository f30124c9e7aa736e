using System.Globalization;
using DftNative;
using DftNative.Bench;

switch (args)
{
    case ["gemm"]:
        return GemmBench.Run();
    case ["cpu-training", var steps, var microBatchTokens, .. var rest]:
        return CpuTrainingBench.Run(int.Parse(steps, CultureInfo.InvariantCulture), int.Parse(microBatchTokens, CultureInfo.InvariantCulture), json: rest is ["--json"]);
    default:
        Console.Error.WriteLine("usage: bench gemm | cpu-training STEPS MICRO_BATCH_TOKENS [--json]");
        return (int)ExitCode.Usage;
}
