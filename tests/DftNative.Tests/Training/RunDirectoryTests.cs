using DftNative.Tests.Tokenizers;
using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>What is offered for a directory that holds something is what can be done with it.</summary>
public sealed class RunDirectoryTests
{
    private ScratchDirectory scratch = null!;

    [SetUp]
    public void CreateDirectory() => scratch = new ScratchDirectory();

    [TearDown]
    public void RemoveDirectory() => scratch.Dispose();

    [Test]
    public void GoingOnIsOfferedWhereThereIsACheckpoint()
    {
        var path = Run("checkpoint-3", "checkpoint.json");
        Assert.That(
            Refusal(path, resumeFromCheckpoint: null),
            Is.EqualTo((ExitCode.Usage, $"output_dir {path} is not empty; name another, or continue the run in it with resume_from_checkpoint latest")));
        Assert.That(new RunDirectory(path).Claim("latest"), Is.EqualTo(Path.Combine(path, "checkpoint-3")));
    }

    [Test]
    public void ADirectoryWithoutAWholeCheckpointIsNotOfferedForGoingOn()
    {
        // A removal that was killed leaves a checkpoint without its manifest.
        var path = Run("checkpoint-3", "config.json");
        Assert.Multiple(() =>
        {
            Assert.That(
                Refusal(path, resumeFromCheckpoint: null),
                Is.EqualTo((ExitCode.Usage, $"output_dir {path} is not empty and has no checkpoint to go on from; name another, or remove it")));
            Assert.That(
                Refusal(path, "latest"),
                Is.EqualTo((ExitCode.InvalidInput,
                    $"there is no whole checkpoint in {path} to resume from; for a new run remove it, or name another output_dir, and leave resume_from_checkpoint out")));
        });
    }

    /// <summary>A second signal ends a run within a save; what that left is taken away where the run goes on, and nothing else is.</summary>
    [Test]
    public void WhatAKilledSaveHasLeftIsRemovedWhereTheRunGoesOn()
    {
        var path = Run("checkpoint-3", "checkpoint.json");
        Run(".checkpoint-4.tmp-0123456789abcdef0123456789abcdef", "model.safetensors");
        Run(".mine", "notes.txt");
        Refusal(path, resumeFromCheckpoint: null);
        Refusal(path, scratch.PathOf("elsewhere/checkpoint-3"));
        Assert.That(Directory.GetDirectories(path), Has.Length.EqualTo(3), "a run that is refused changes nothing");
        new RunDirectory(path).Claim("latest");
        Assert.That(Directory.GetDirectories(path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "checkpoint-3", ".mine" }));
    }

    [Test]
    public void AnEmptyDirectoryOrNoneIsANewRun()
    {
        Directory.CreateDirectory(scratch.PathOf("empty"));
        foreach (var name in new[] { "empty", "nowhere" }) Assert.That(new RunDirectory(scratch.PathOf(name)).Claim(null), Is.Null);
    }

    /// <summary>Two runs that were started at once have both found it empty: the one that comes to write later is refused, and what it finds is the other's.</summary>
    [Test]
    public void OneRunAtATimeWritesThere()
    {
        var (path, other) = (scratch.PathOf("out"), new RunDirectory(scratch.PathOf("out")));
        var directory = new RunDirectory(path);
        Assert.That((directory.Claim(null), other.Claim(null)), Is.EqualTo(((string?)null, (string?)null)));
        using (directory.Hold(null, claimed: null))
        {
            var refusal = (ExitCode.Usage, $"another run is writing to output_dir {path}; wait for its end, or name another directory");
            Assert.Multiple(() =>
            {
                Assert.That(Error(() => other.Hold(null, claimed: null)), Is.EqualTo(refusal));
                Assert.That(Refusal(path, resumeFromCheckpoint: null), Is.EqualTo(refusal));
                Assert.That(Refusal(path, "latest"), Is.EqualTo(refusal));
            });
            Run("checkpoint-3", "checkpoint.json");
        }

        Assert.That(Error(() => other.Hold(null, claimed: null)).Item2, Does.EndWith("continue the run in it with resume_from_checkpoint latest"));
        Assert.That(Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName), Is.EqualTo(new[] { "checkpoint-3" }));
    }

    [Test]
    public void WhoResumesWhatHasGoneOnMeanwhileIsRefused()
    {
        var path = Run("checkpoint-3", "checkpoint.json");
        var directory = new RunDirectory(path);
        var claimed = directory.Claim("latest");
        Run("checkpoint-4", "checkpoint.json");
        Assert.That(Error(() => directory.Hold("latest", claimed)), Is.EqualTo((ExitCode.Usage, $"another run has gone on in {path} while this one was loaded; begin again to continue from its last checkpoint")));
    }

    [Test]
    public void WhatAKilledSaveHasLeftIsRemovedBeforeTheNext()
    {
        var path = Run("checkpoint-3", "checkpoint.json");
        Run(".checkpoint-4.tmp-0", "model.safetensors");
        var directory = new RunDirectory(path);
        using (directory.Hold("latest", directory.Claim("latest")))
            Assert.That(Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName), Is.EquivalentTo(new[] { ".lock", "checkpoint-3" }));
    }

    [Test]
    public void WhatAKilledRunHeldIsFree()
    {
        Directory.CreateDirectory(scratch.PathOf("out"));
        File.WriteAllText(scratch.PathOf("out/.lock"), "");
        Assert.That(new RunDirectory(scratch.PathOf("out")).Claim(null), Is.Null);
        Assert.That(File.Exists(scratch.PathOf("out/.lock")), Is.False);
    }

    private string Run(string checkpoint, string file)
    {
        Directory.CreateDirectory(scratch.PathOf(Path.Combine("out", checkpoint)));
        File.WriteAllText(scratch.PathOf(Path.Combine("out", checkpoint, file)), "{}");
        return scratch.PathOf("out");
    }

    private static (ExitCode, string) Refusal(string path, string? resumeFromCheckpoint) => Error(() => new RunDirectory(path).Claim(resumeFromCheckpoint));

    private static (ExitCode, string) Error(Action action)
    {
        var exception = Assert.Throws<DftNativeException>(() => action())!;
        return (exception.ExitCode, exception.Message);
    }
}
