namespace DftNative.Tests.Cuda;

/// <summary>A second process of the tests, for what a process can load or read but once.</summary>
internal static class TestProcess
{
    /// <summary>Runs one test with more environment variables.</summary>
    public static Command Run(Type fixture, string test, params (string Name, string Value)[] environment) =>
        Run($"FullyQualifiedName={fixture.FullName}.{test}", environment);

    /// <summary>Runs a fixture's quick tests, likewise.</summary>
    public static Command RunQuick(Type fixture, params (string Name, string Value)[] environment) => RunQuick(fixture, "", environment);

    /// <summary>Runs those of a fixture's quick tests whose names begin so, likewise.</summary>
    public static Command RunQuick(Type fixture, string beginOfName, params (string Name, string Value)[] environment) =>
        Run($"FullyQualifiedName~{fixture.FullName}.{beginOfName}&TestCategory!=Slow", environment);

    private static Command Run(string filter, (string Name, string Value)[] environment) =>
        Command.Run(Path.Combine(AppContext.BaseDirectory, "DftNative.Tests"), ["--filter", filter], environment)!;
}
