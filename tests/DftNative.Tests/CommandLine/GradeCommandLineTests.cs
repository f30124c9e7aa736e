namespace DftNative.Tests.CommandLine;

/// <summary>grade as a user calls it.</summary>
public sealed class GradeCommandLineTests
{
    [Test]
    public void RowsGoToStandardOutputAndErrorsToStandardError()
    {
        using var run = new Training.TinyRun();
        File.WriteAllText(run.PathOf("rows.jsonl"), "{\"prediction\": \"\\\\boxed{6/8}\", \"answer\": \"\\\\frac34\"}\n{}\n");
        using var process = new CommandLineProcess("grade", "--data", run.PathOf("rows.jsonl"));
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(process.Output, Is.EqualTo("{\"prediction\":\"\\\\boxed{6/8}\",\"answer\":\"\\\\frac34\",\"extracted\":\"6/8\",\"equal\":true}\n"));
            Assert.That(process.Error, Does.Contain("rows.jsonl: row 2 has no 'prediction'"));
        }
    }

    [Test]
    public void DataMustBeGiven()
    {
        using var process = new CommandLineProcess("grade");
        Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.Usage));
        Assert.That(process.Error, Does.Contain("--data must be given"));
    }
}
