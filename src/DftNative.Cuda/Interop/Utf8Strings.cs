using System.Runtime.InteropServices;

namespace DftNative.Cuda.Interop;

/// <summary>Strings as C takes them: an array of pointers to zero-terminated UTF-8, in native memory.</summary>
internal sealed unsafe class Utf8Strings : IDisposable
{
    private readonly nint[] strings;

    public Utf8Strings(IEnumerable<string> texts)
    {
        strings = [.. texts.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointers = (byte**)NativeMemory.Alloc((nuint)Math.Max(strings.Length, 1), (nuint)sizeof(byte*));
        for (var index = 0; index < strings.Length; index++) Pointers[index] = (byte*)strings[index];
    }

    /// <summary>One pointer a string, valid until disposal.</summary>
    public byte** Pointers { get; }

    public void Dispose()
    {
        foreach (var text in strings) Marshal.FreeCoTaskMem(text);
        NativeMemory.Free(Pointers);
    }
}
