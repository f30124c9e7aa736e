namespace DftNative.Tests.Cuda;

/// <summary>Where the repository that the tests were built from lies.</summary>
internal static class RepositoryFolder
{
    /// <summary>The folder with the solution, above the test executable.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "DftNative.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException($"no DftNative.sln above {AppContext.BaseDirectory}");
    }
}
