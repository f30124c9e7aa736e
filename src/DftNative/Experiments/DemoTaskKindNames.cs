namespace DftNative.Experiments;

/// <summary>What a configuration calls a task.</summary>
internal static class DemoTaskKindNames
{
    /// <summary>The tasks by name.</summary>
    public static IReadOnlyDictionary<string, DemoTaskKind> All { get; } = new Dictionary<string, DemoTaskKind>
    {
        ["addition"] = DemoTaskKind.Addition,
        ["recall"] = DemoTaskKind.Recall,
    };

    /// <summary>A task's name.</summary>
    public static string Name(this DemoTaskKind kind) => All.First(task => task.Value == kind).Key;
}
