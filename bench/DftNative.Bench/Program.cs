using System.Globalization;
using DftNative;
using DftNative.Backends.Cuda;
using DftNative.Bench;
using DftNative.Bench.CheckpointIo;
using DftNative.Bench.Kernels;
using DftNative.Checkpoints;
using DftNative.Cuda;

try
{
    return Run(args);
}
catch (DftNativeException exception)
{
    Console.Error.WriteLine(exception.Message);
    return (int)exception.ExitCode;
}
catch (CudaException exception)
{
    Console.Error.WriteLine(exception.Message);
    return (int)ExitCode.Device;
}

static int Run(string[] args)
{
    switch (args)
    {
        case ["gemm"]:
            return GemmBench.Run();
        case ["kernels", .. var options]:
            return (int)KernelBench.Run(options);
        case ["cpu-training", var count, var microBatchTokens, .. var rest]:
            return CpuTrainingBench.Run(int.Parse(count, CultureInfo.InvariantCulture), int.Parse(microBatchTokens, CultureInfo.InvariantCulture), json: rest is ["--json"]);
        case ["decode", var newTokens]:
            return DecodeBench.Run(int.Parse(newTokens, CultureInfo.InvariantCulture), Environment.ProcessorCount);
        case ["decode", var newTokens, var threads]:
            return DecodeBench.Run(int.Parse(newTokens, CultureInfo.InvariantCulture), int.Parse(threads, CultureInfo.InvariantCulture));
        case ["device"]:
            using (var backend = new CudaBackend()) Console.WriteLine(backend.Description);
            return (int)ExitCode.Success;
        case ["gpu-decode", var model, var promptTokens, var newTokens, var prompts]:
            return (int)GpuDecodeBench.Run(
                model, int.Parse(promptTokens, CultureInfo.InvariantCulture), int.Parse(newTokens, CultureInfo.InvariantCulture), int.Parse(prompts, CultureInfo.InvariantCulture));
        case ["gpu-training", var model, var steps, var tokens, .. var rest] when rest.Length <= 1:
            return (int)GpuTrainingBench.Run(
                model, int.Parse(steps, CultureInfo.InvariantCulture), int.Parse(tokens, CultureInfo.InvariantCulture), int.Parse(rest is [var row] ? row : tokens, CultureInfo.InvariantCulture));
        case ["initialize", var source, var directory]:
            ModelInitializer.CreateDirectory(source, directory, seed: 1);
            return (int)ExitCode.Success;
        case ["checkpoint-io", .. var options]:
            return (int)CheckpointIoBench.Run(options);
        case ["render-chats", var directory, var file]:
            return (int)ChatRenderer.Run(directory, file);
        case ["sampler"]:
            return SamplerBench.Run();
        case ["tokenizer", var folder, var texts, var threads]:
            return TokenizerBench.Run(folder, texts, int.Parse(threads, CultureInfo.InvariantCulture));
        default:
            Console.Error.WriteLine($"usage: bench {KernelBenchOptions.Usage} | decode NEW_TOKENS [THREADS] | device | gpu-decode MODEL PROMPT_TOKENS NEW_TOKENS PROMPTS | gpu-training MODEL STEPS TOKENS [ROW_TOKENS] | gemm | cpu-training STEPS MICRO_BATCH_TOKENS [--json] | initialize SOURCE DIRECTORY | {CheckpointIoBench.Usage} | render-chats DIRECTORY FILE.jsonl | sampler | tokenizer DIRECTORY FILE.jsonl THREADS");
            return (int)ExitCode.Usage;
    }
}
