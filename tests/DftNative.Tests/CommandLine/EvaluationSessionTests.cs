using DftNative.Evaluation.Benchmarks;
using DftNative.Generation;
using DftNative.Train.Commands;

namespace DftNative.Tests.CommandLine;

public sealed class EvaluationSessionTests
{
    /// <summary>The settings' fingerprint reads the whole model: only a folder that is continued needs it.</summary>
    [Test]
    public void WithoutAFolderTheModelIsNotReadForItsFingerprint()
    {
        var request = new EvaluateRequest([new Benchmark("set", [new BenchmarkProblem("1 + 1?", "2")])], PromptStyle.QwenBoxed, new GenerationOptions(), 1, null, OutputPath: null, null, 0);
        using var session = EvaluationSession.Open(request, () => throw new InvalidOperationException("read"));
        Assert.That(session.DoneCount, Is.Zero);
    }
}
