using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Bench;

/// <summary>Drawing a token from a vocabulary of 151,936 (Qwen2.5's): processor time of each way of sampling, beside a sort of the logits in the same run.</summary>
internal static class SamplerBench
{
    private const int Vocabulary = 151_936;
    private const int Rounds = 60;

    /// <summary>Prints a row a way of sampling, for logits that are sure of a few tokens and for logits that are not.</summary>
    public static int Run()
    {
        (string Name, TokenSampling Options)[] ways =
        [
            ("greedy", new() { Temperature = 0 }),
            ("temperature 1", new()),
            ("and log-probability", new() { KeepsLogProbabilities = true }),
            ("top_p 0.95", new() { TopP = 0.95 }),
            ("top_p 0.5", new() { TopP = 0.5 }),
            ("top_k 50", new() { TopK = 50 }),
            ("min_p 0.05", new() { MinP = 0.05 }),
            ("top_k 50, top_p 0.95", new() { TopK = 50, TopP = 0.95 }),
        ];
        foreach (var scale in (float[])[3, 1, 0.01f])
        {
            var random = new Random(1);
            var logits = new float[Vocabulary];
            for (var i = 0; i < logits.Length; i++) logits[i] = scale * (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            var sampler = new TokenSampler();
            var best = new double[ways.Length + 1];
            Array.Fill(best, double.PositiveInfinity);
            var (copy, tokens) = (new float[Vocabulary], new int[Vocabulary]);
            for (var round = 0; round < Rounds; round++)
            {
                for (var i = 0; i < ways.Length; i++)
                {
                    var options = ways[i].Options;
                    Measure(ref best[i], () => sampler.Draw(logits, options, [], (ulong)random.NextInt64(long.MinValue, long.MaxValue)));
                }

                logits.CopyTo(copy, 0);
                for (var i = 0; i < tokens.Length; i++) tokens[i] = i;
                if (round < 8) Measure(ref best[^1], () => Array.Sort(copy, tokens));
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"logits of standard deviation {scale}; a sort {1e3 * best[^1]:F3} ms"));
            for (var i = 0; i < ways.Length; i++) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {ways[i].Name,-22} {1e3 * best[i]:F3} ms"));
        }

        return (int)ExitCode.Success;
    }

    private static void Measure(ref double best, Action action)
    {
        var start = Environment.CpuUsage.TotalTime;
        action();
        best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalSeconds);
    }
}
