using DftNative.Checkpoints;

namespace DftNative.Tests;

public sealed class FileFaultTests
{
    private const string Path = "/nowhere/file.jsonl";

    [Test]
    public void TheReasonIsWithoutThePathsThatDotNetAdds() => Assert.Multiple(() =>
    {
        Assert.That(FileFault.Describe(Path, new UnauthorizedAccessException($"Access to the path '{Path}' is denied."), "missing"), Is.EqualTo("permission is denied"));
        Assert.That(FileFault.Describe(Path, new DirectoryNotFoundException($"Could not find a part of the path '{Path}'."), "missing"), Is.EqualTo("missing"));
        Assert.That(FileFault.Describe(Path, new IOException($"Read-only file system : '{Path}.tmp-1'"), "missing"), Is.EqualTo("Read-only file system"));
        Assert.That(FileFault.Describe(System.IO.Path.GetTempPath(), new UnauthorizedAccessException(), "missing"), Is.EqualTo("it is a directory; name a file"));
        Assert.That(FileFault.Describe(System.IO.Path.GetTempPath(), new UnauthorizedAccessException(), "missing", isFile: false), Is.EqualTo("permission is denied"));
        Assert.That(AtomicFile.CannotWriteDirectory(System.IO.Path.GetTempPath(), new UnauthorizedAccessException()).Message, Does.EndWith(": cannot be written: permission is denied"));
        Assert.That(FileFault.Describe(System.IO.Path.GetTempPath(), new IOException("No space left on device"), "missing"), Is.EqualTo("No space left on device"), "a directory that is to be replaced");
        Assert.That(FileFault.CannotRead(Path, new FileNotFoundException("Could not find file.")), Has.Message.EqualTo($"{Path}: cannot be read: there is no such file").And.Property("ExitCode").EqualTo(ExitCode.InvalidInput));
    });
}
