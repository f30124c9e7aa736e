using System.Globalization;
using DftNative;
using DftNative.Bench;

switch (args)
{
    case ["gemm"]:
        return GemmBench.Run();
    case ["cpu-training", var steps, var microBatchTokens, .. var rest]:
        return CpuTrainingBench.Run(int.Parse(steps, CultureInfo.InvariantCulture), int.Parse(microBatchTokens, CultureInfo.InvariantCulture), json: rest is ["--json"]);
    case ["tokenizer", var directory, var file, var threads]:
        return TokenizerBench.Run(directory, file, int.Parse(threads, CultureInfo.InvariantCulture));
    default:
        Console.Error.WriteLine("usage: bench gemm | cpu-training STEPS MICRO_BATCH_TOKENS [--json] | tokenizer DIRECTORY FILE.jsonl THREADS");
        return (int)ExitCode.Usage;
}
