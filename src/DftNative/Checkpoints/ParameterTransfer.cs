using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>Moves values between files and a device's arena, in parts, converted to and from the arena's type.</summary>
public static class ParameterTransfer
{
    private const int ChunkLength = 1 << 22;

    /// <summary>Fills every parameter of an arena; its gaps are left as they are.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The arena's layout.</param>
    /// <param name="arena">[layout.ArenaLength] fp32 or bf16, written.</param>
    /// <param name="read">Gives a parameter's elements from the given one on, in fp32.</param>
    public static void Upload(IBackend backend, ParameterLayout layout, Vector arena, Action<string, long, Memory<float>> read) =>
        Upload(backend, layout, new MasterWeights(arena), read);

    /// <summary>Fills every parameter of the weights: exactly where they hold an fp32, else rounded to nearest even.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The weights' layout.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="read">Gives a parameter's elements from the given one on, in fp32.</param>
    public static void Upload(IBackend backend, ParameterLayout layout, MasterWeights weights, Action<string, long, Memory<float>> read)
    {
        var (arena, low) = weights;
        var values = new float[Math.Min(ChunkLength, layout.Tensors.Max(tensor => tensor.Length))];
        var narrow = arena.DataType == DataType.BFloat16 ? new BFloat16[values.Length] : [];
        var rest = low.IsEmpty ? [] : new short[values.Length];
        foreach (var tensor in layout.Tensors)
        {
            for (long start = 0; start < tensor.Length; start += values.Length)
            {
                var count = (int)Math.Min(values.Length, tensor.Length - start);
                read(tensor.Name, start, values.AsMemory(0, count));
                var destination = arena.Slice(tensor.Offset + start, count);
                if (arena.DataType == DataType.Float32)
                {
                    backend.Upload<float>(values.AsSpan(0, count), destination);
                }
                else
                {
                    if (low.IsEmpty)
                    {
                        TensorConversion.ConvertToBFloat16(values.AsSpan(0, count), narrow);
                    }
                    else
                    {
                        TensorConversion.SplitSingle(values.AsSpan(0, count), narrow, rest);
                        backend.Upload<short>(rest.AsSpan(0, count), low.Slice(tensor.Offset + start, count));
                    }

                    backend.Upload<BFloat16>(narrow.AsSpan(0, count), destination);
                }
            }
        }
    }

    /// <summary>Reads an arena's parameters back, as fp32.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The arena's layout.</param>
    /// <param name="arena">[layout.ArenaLength] fp32 or bf16; read when the result is called.</param>
    public static TensorReader Reader(IBackend backend, ParameterLayout layout, Vector arena) => Reader(backend, layout, new MasterWeights(arena));

    /// <summary>Reads the parameters back with every bit that the weights hold, as fp32.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The weights' layout.</param>
    /// <param name="weights">[layout.ArenaLength]; read when the result is called.</param>
    public static TensorReader Reader(IBackend backend, ParameterLayout layout, MasterWeights weights)
    {
        var (arena, low) = weights;
        BFloat16[] narrow = [];
        short[] rest = [];
        return (name, start, destination) =>
        {
            var source = arena.Slice(layout[name].Offset + start, destination.Length);
            if (arena.DataType == DataType.Float32)
            {
                backend.Download(source, destination);
                return;
            }

            if (narrow.Length < destination.Length) narrow = new BFloat16[destination.Length];
            backend.Download<BFloat16>(source, narrow.AsSpan(0, destination.Length));
            if (low.IsEmpty)
            {
                TensorConversion.ConvertToSingle(narrow.AsSpan(0, destination.Length), destination);
                return;
            }

            if (rest.Length < destination.Length) rest = new short[destination.Length];
            backend.Download<short>(low.Slice(layout[name].Offset + start, destination.Length), rest.AsSpan(0, destination.Length));
            TensorConversion.JoinSingle(narrow.AsSpan(0, destination.Length), rest, destination);
        };
    }
}
