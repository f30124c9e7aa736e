using DftNative.Evaluation.Benchmarks;
using DftNative.Train.Progress;

namespace DftNative.Tests.CommandLine;

/// <summary>What a log has of an evaluation.</summary>
public sealed class EvaluationProgressTests
{
    /// <summary>Sixty-four samples of ten tokens run at once and end together: the first line knows of the tokens of all of them.</summary>
    [Test]
    public void TokensCountAsTheyAreDrawn()
    {
        var time = new Clock();
        using var output = new StringWriter { NewLine = "\n" };
        var progress = new PlainEvaluationProgress(output, time);
        progress.Begin(problemCount: 128, doneCount: 0, sampleCount: 1);
        time.Seconds = 2;
        for (var token = 0; token < 640; token++) progress.OnToken();
        Finish(7);
        Assert.That(output.ToString(), Is.EqualTo("7/128 problems  right 100.0 %  cut off 0.0 %  320 tok/s  eta 0:00:02\n"));

        Finish(57);
        Assert.That(output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(10), "a line for each twentieth of the problems");

        void Finish(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var sample = new GradedSample("1", "1", SampleVerdict.Right, Stopped: true, TokenCount: 10);
                progress.OnSample(sample);
                progress.OnProblem(new ProblemSamples("set", i, new BenchmarkProblem("?", "1"), [sample]));
            }
        }
    }

    private sealed class Clock : TimeProvider
    {
        public int Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
