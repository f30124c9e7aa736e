namespace DftNative.Tests.Cuda;

/// <summary>A line of a kernel file without its comment.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Code">What is left of it.</param>
/// <param name="Part">Which of the two compilers reads it.</param>
/// <param name="HasTwin">Of a line for the device alone: whether the emulator reads something in its place.</param>
internal sealed record KernelLine(int Number, string Code, KernelPart Part, bool HasTwin)
{
    /// <summary>The lines of a text.</summary>
    public static IReadOnlyList<KernelLine> Read(string text)
    {
        var lines = new List<KernelLine>();
        // The enclosing conditions, each with the part it selects and whether the emulator's branch held code.
        var conditions = new Stack<(KernelPart Part, bool HasTwin)>();
        foreach (var (index, line) in text.Split('\n').Index())
        {
            var comment = line.IndexOf("//", StringComparison.Ordinal);
            var code = (comment < 0 ? line : line[..comment]).Trim();
            var enclosing = conditions.Count > 0 ? conditions.Peek() : default;
            if (code.StartsWith("#if", StringComparison.Ordinal))
            {
                conditions.Push((code switch
                {
                    "#ifdef DFTNATIVE_EMULATOR" => KernelPart.Emulator,
                    "#ifndef DFTNATIVE_EMULATOR" => KernelPart.Device,
                    _ => enclosing.Part,
                }, enclosing.HasTwin));
            }
            else if (code == "#else")
            {
                var (part, hasTwin) = conditions.Pop();
                conditions.Push((part switch
                {
                    KernelPart.Emulator => KernelPart.Device,
                    KernelPart.Device => KernelPart.Emulator,
                    _ => part,
                }, hasTwin));
            }
            else if (code == "#endif")
            {
                conditions.Pop();
            }
            else if (code.Length > 0)
            {
                if (enclosing.Part == KernelPart.Emulator && !enclosing.HasTwin)
                {
                    conditions.Pop();
                    conditions.Push(enclosing = (KernelPart.Emulator, true));
                }

                lines.Add(new KernelLine(index + 1, code, enclosing.Part, enclosing.HasTwin));
            }
        }

        return lines;
    }
}
