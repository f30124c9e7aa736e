using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>Moves values between files and a device's arena, in parts, converted to and from the arena's type.</summary>
public static class ParameterTransfer
{
    /// <summary>Fills every parameter of an arena; its gaps are left as they are.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The arena's layout.</param>
    /// <param name="arena">[layout.ArenaLength] fp32 or bf16, written.</param>
    /// <param name="read">Gives a parameter's elements from the given one on, in fp32; called by several threads at once.</param>
    public static void Upload(IBackend backend, ParameterLayout layout, Vector arena, Action<string, long, Memory<float>> read) =>
        Upload(backend, layout, new MasterWeights(arena), read);

    /// <summary>Fills every parameter of the weights: exactly where they hold an fp32, else rounded to nearest even.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The weights' layout.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="read">Gives a parameter's elements from the given one on, in fp32; called by several threads at once.</param>
    public static void Upload(IBackend backend, ParameterLayout layout, MasterWeights weights, Action<string, long, Memory<float>> read) =>
        Upload(backend, layout, weights, (part, tensor, start, count) => part.Convert(weights, count, values => read(tensor.Name, start, values)), null);

    /// <summary>Fills every parameter of the weights from files; what is stored as the device holds it is not converted.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="layout">The weights' layout.</param>
    /// <param name="weights">[layout.ArenaLength], written.</param>
    /// <param name="find">Where a parameter is stored.</param>
    /// <param name="progress">Told the number of elements of each part that is done; null: nobody is.</param>
    internal static void Upload(
        IBackend backend, ParameterLayout layout, MasterWeights weights,
        Func<string, (SafetensorsFile File, SafetensorsTensor Tensor)> find, IProgress<long>? progress) =>
        Upload(backend, layout, weights, (part, tensor, start, count) =>
        {
            var (file, stored) = find(tensor.Name);
            part.Read(file, stored, start, count);
            part.FitTo(weights);
        }, progress);

    private static void Upload(
        IBackend backend, ParameterLayout layout, MasterWeights weights, Action<UploadPart, ParameterTensor, long, int> make, IProgress<long>? progress)
    {
        var parts = layout.Tensors.SelectMany(Split).ToArray();
        var longest = parts.Max(part => part.Length);
        var buffers = UploadPart.Buffers(longest);
        PartPipeline<UploadPart>.Run(parts.Length, UploadPart.ReaderCount, buffers, Make, Take);

        void Make(int i, UploadPart buffer) => make(buffer, parts[i].Tensor, parts[i].Start, parts[i].Length);

        void Take(int i, UploadPart buffer)
        {
            buffer.Upload(backend, weights, parts[i].Tensor.Offset + parts[i].Start);
            progress?.Report(parts[i].Length);
        }
    }

    private static IEnumerable<(ParameterTensor Tensor, long Start, int Length)> Split(ParameterTensor tensor)
    {
        for (long start = 0; start < tensor.Length; start += UploadPart.MaxLength)
            yield return (tensor, start, (int)Math.Min(UploadPart.MaxLength, tensor.Length - start));
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
