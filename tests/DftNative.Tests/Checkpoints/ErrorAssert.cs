namespace DftNative.Tests.Checkpoints;

/// <summary>Errors as users see them: an exit code, and one line that names what is wrong.</summary>
internal static class ErrorAssert
{
    public static void Throws(ExitCode exitCode, Action action, params string[] mentions)
    {
        var error = Assert.Throws<DftNativeException>(action)!;
        Assert.Multiple(() =>
        {
            Assert.That(error.ExitCode, Is.EqualTo(exitCode));
            Assert.That(error.Message, Does.Not.Contain("\n"));
            foreach (var mention in mentions) Assert.That(error.Message, Does.Contain(mention));
        });
    }
}
