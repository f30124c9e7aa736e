using System.IO.Compression;
using System.Text;
using DftNative.Evaluation.Benchmarks;
using DftNative.Tests.Tokenizers;
using DftNative.Train.Commands;

namespace DftNative.Tests.Evaluation.Benchmarks;

/// <summary>Files that were damaged at random: read, or refused in a line that names the file.</summary>
internal sealed class BenchmarkFuzzTests
{
    private const int Rounds = 300;

    private const string Rows = """
        {"question": "Find $x$ — if $\\frac{x}{2} = 9$.", "answer": "9 * 2 = <<9*2=18>>18\n#### 18", "prediction": "\\boxed{18}"}
        {"problem": "Was nun?", "solution": "It is $\\boxed{\\frac{1}{2}}$.", "answer": null, "prediction": "the answer is 0.5"}
        {"question": "Both?", "answer": ["3", 4, -1.5e3], "prediction": 4}

        """;

    private static readonly string[] Pieces = ["{", "}", "[", "]", "\"", "\\", "\n", ",", ":", "null", "\\ud800", "1e999", "\0", "\uFEFF", "\"answer\"", "{\"question\":", "####", "\\boxed{", "\t", "é"];

    [Test]
    public void ADamagedFileIsReadOrRefused([Values(".jsonl", ".json", ".csv", ".jsonl.gz")] string ending)
    {
        using var scratch = new ScratchDirectory();
        var path = scratch.PathOf("set" + ending);
        var random = new Random(ending.Length);
        var refused = 0;
        for (var round = 0; round < Rounds; round++)
        {
            File.WriteAllBytes(path, Damage(Whole(ending), random));
            if (!Survives(path, () => Assert.That(BenchmarkReader.Read("set", path).Problems, Is.Not.Empty))) refused++;
            if (ending.StartsWith(".jsonl", StringComparison.Ordinal)) Survives(path, () => GradeCommand.Run(path, Stream.Null));
        }

        Assert.That(refused, Is.InRange(Rounds / 10, Rounds));
    }

    private static bool Survives(string path, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (DftNativeException exception)
        {
            Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.InvalidInput), exception.Message);
            Assert.That(exception.Message, Does.StartWith(path + ":").And.Not.Contain("\n").And.Length.LessThan(path.Length + 500));
            return false;
        }
    }

    private static byte[] Whole(string ending)
    {
        if (ending == ".csv") return Encoding.UTF8.GetBytes("question,answer,source\n\"Find $x$, please.\",18,\"a \"\"b\"\"\"\nWas nun?,½,\n");
        if (ending == ".json") return Encoding.UTF8.GetBytes($"[{string.Join(',', Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries))}]");
        var text = Encoding.UTF8.GetBytes(Rows);
        if (ending == ".jsonl") return text;
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest)) gzip.Write(text);
        return buffer.ToArray();
    }

    /// <summary>A bit flipped, bytes taken out, a piece put in, or the end cut off; one to three times.</summary>
    private static byte[] Damage(byte[] whole, Random random)
    {
        for (var i = random.Next(3); i >= 0; i--)
        {
            if (whole.Length == 0) return whole;
            var place = random.Next(whole.Length);
            switch (random.Next(4))
            {
                case 0:
                    whole[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    whole = [.. whole[..place], .. whole[Math.Min(whole.Length, place + random.Next(20))..]];
                    break;
                case 2:
                    whole = [.. whole[..place], .. Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]), .. whole[place..]];
                    break;
                default:
                    whole = whole[..place];
                    break;
            }
        }

        return whole;
    }
}
