using DftNative;
using DftNative.Bench;

switch (args)
{
    case ["gemm"]:
        return GemmBench.Run();
    default:
        Console.Error.WriteLine("usage: bench gemm");
        return (int)ExitCode.Usage;
}
