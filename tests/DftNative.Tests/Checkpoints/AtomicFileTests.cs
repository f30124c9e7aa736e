using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

public sealed class AtomicFileTests
{
    /// <summary>What else is in the directory, of other programs and of other files of this one, is not ours to remove.</summary>
    [Test]
    public void OnlyTheLeftoversOfTheNamedFilesAreRemoved()
    {
        using var directory = new TemporaryDirectory();
        string[] others =
        [
            "compare.json", ".compare.json", "compare.json.tmp-1", ".compare.json.bak.tmp-1", ".my-compare.json.tmp-1", ".notes.tmp-1", ".report.html.tmp", "report.html.tmp-1",
        ];
        foreach (var name in others.Concat([".compare.json.tmp-0a", ".compare.json.tmp-0b", ".report.html.tmp-1"])) File.WriteAllText(directory[name], "");
        Directory.CreateDirectory(directory[".compare.json.tmp-directory"]);
        AtomicFile.RemoveLeftovers(directory.Path, "compare.json", "report.html");
        Assert.That(directory.Names, Is.EquivalentTo(others.Append(".compare.json.tmp-directory")));
        Assert.DoesNotThrow(() => AtomicFile.RemoveLeftovers(directory["nowhere"], "compare.json"));
    }

    /// <summary>The names that are removed are those that a killed write leaves.</summary>
    [Test]
    public void WhatAWriteThatIsCutLeavesIsRemoved()
    {
        using var directory = new TemporaryDirectory();
        string[] during = [];
        AtomicFile.Write(directory["report.html"], stream =>
        {
            during = directory.Names;
            return 0;
        });
        File.WriteAllText(directory[during.Single()], "half");
        AtomicFile.RemoveLeftovers(directory.Path, "report.html");
        Assert.That(directory.Names, Is.EqualTo(new[] { "report.html" }));
    }
}
