namespace DftNative.Backends.Cuda;

/// <content>Scratch memory: a buffer a kind, for as long as the backend lives.</content>
public sealed partial class CudaBackend
{
    private readonly Dictionary<CudaScratchKind, CudaScratch> scratches = [];

    /// <inheritdoc cref="IBackend.Reserve"/>
    public void Reserve(in PassShape shape)
    {
        foreach (var size in CudaScratchSizes.For(shape, Context.MultiprocessorCount)) Scratch(size.Kind).Take(size.Length);

        // What they had uploaded may have gone with smaller memory.
        (forwardTiles, decodeChunks, queryTiles, keyTiles) = (null, null, null, null);
    }

    private CudaScratch Scratch(CudaScratchKind kind)
    {
        if (!scratches.TryGetValue(kind, out var scratch))
            scratches.Add(kind, scratch = new CudaScratch(this, kind.DataType, kind.Category, kind.Name));
        return scratch;
    }
}
