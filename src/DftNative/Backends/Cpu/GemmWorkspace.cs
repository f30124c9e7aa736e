using System.Runtime.InteropServices;

namespace DftNative.Backends.Cpu;

/// <summary>A thread's buffers for packed operands, native and on cache lines; freed after the thread is gone.</summary>
internal sealed unsafe class GemmWorkspace
{
    /// <summary>Steps of k packed at a time: eight rows of A over them are 8 KiB, a quarter of the usual first-level cache.</summary>
    public const int KBlock = 256;

    /// <summary>Columns packed at a time: KBlock rows of them are 480 KiB, to stay in the second-level cache.</summary>
    public const int NBlock = 480;

    private const nuint CacheLine = 64;
    private const int MaxRows = 8;
    private const int MaxPanelWidth = 48;

    [ThreadStatic]
    private static GemmWorkspace? s_current;

    private readonly float* _memory;

    private GemmWorkspace()
    {
        const int Floats = (KBlock * MaxRows) + (MaxRows * MaxPanelWidth) + (KBlock * NBlock);
        _memory = (float*)NativeMemory.AlignedAlloc(Floats * sizeof(float), CacheLine);
    }

    ~GemmWorkspace() => NativeMemory.AlignedFree(_memory);

    /// <summary>The calling thread's buffers.</summary>
    public static GemmWorkspace Current => s_current ??= new GemmWorkspace();

    /// <summary>Eight rows of A: [KBlock, 8].</summary>
    public float* A => _memory;

    /// <summary>A block of C at the right edge of the matrix: [8, 48].</summary>
    public float* C => A + (KBlock * MaxRows);

    /// <summary>A block of B: panels of [KBlock, up to three vectors], NBlock columns in all.</summary>
    public float* B => C + (MaxRows * MaxPanelWidth);
}
