using System.Globalization;
using DftNative;
using DftNative.Bench;
using DftNative.Bench.Kernels;

try
{
    return Run(args);
}
catch (DftNativeException exception)
{
    Console.Error.WriteLine(exception.Message);
    return (int)exception.ExitCode;
}

static int Run(string[] args)
{
    switch (args)
    {
        case ["gemm"]:
            return GemmBench.Run();
        case ["kernels", .. var options]:
            return (int)KernelBench.Run(options);
        case ["cpu-training", var steps, var microBatchTokens, .. var rest]:
            return CpuTrainingBench.Run(int.Parse(steps, CultureInfo.InvariantCulture), int.Parse(microBatchTokens, CultureInfo.InvariantCulture), json: rest is ["--json"]);
        case ["tokenizer", var directory, var file, var threads]:
            return TokenizerBench.Run(directory, file, int.Parse(threads, CultureInfo.InvariantCulture));
        default:
            Console.Error.WriteLine($"usage: bench {KernelBenchOptions.Usage} | gemm | cpu-training STEPS MICRO_BATCH_TOKENS [--json] | tokenizer DIRECTORY FILE.jsonl THREADS");
            return (int)ExitCode.Usage;
    }
}
