using System.Globalization;

namespace DftNative.Cuda.Interop;

/// <summary>Which file of the process an address belongs to, by Linux's /proc/self/maps.</summary>
internal static class LoadedFile
{
    private const string Maps = "/proc/self/maps";

    /// <summary>The file's path; null where the address is in none, or the system has no such list.</summary>
    public static string? Of(nint address)
    {
        if (!File.Exists(Maps)) return null;
        foreach (var line in File.ReadLines(Maps))
        {
            // 7f3c00000000-7f3c00021000 r-xp 00000000 08:01 1234    /usr/lib/libcuda.so.1
            var slash = line.IndexOf('/', StringComparison.Ordinal);
            var dash = line.IndexOf('-', StringComparison.Ordinal);
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (slash < 0 || dash < 0 || space < dash) continue;
            if (Number(line.AsSpan(0, dash)) <= (ulong)address && (ulong)address < Number(line.AsSpan((dash + 1)..space))) return line[slash..];
        }

        return null;
    }

    private static ulong Number(ReadOnlySpan<char> text) => ulong.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
