using DftNative.Cuda;

namespace DftNative.Backends.Cuda;

/// <summary>
/// Page-locked memory through which pageable memory goes to and from the device: a ring of blocks, each of which is used
/// again once the stream has come past its last copy. An upload is copied into the ring and queued, so that it waits only
/// where the whole ring is still on its way; a download overlaps copying a block out with the transfer of the next ones.
/// Large copies are cut.
/// </summary>
internal sealed class CudaStagingRing : IDisposable
{
    /// <summary>Bytes of a block: large enough that a copy's start costs nothing beside it.</summary>
    public const int BlockSizeInBytes = 4 << 20;

    /// <summary>Blocks, so that one is filled or emptied while others are transferred. A pass of 32,768 tokens uploads about half a block.</summary>
    public const int BlockCount = 4;

    /// <summary>Where each copy begins in its block.</summary>
    private const int Alignment = 256;

    private readonly CudaStream stream;
    private readonly CudaPageLockedHostMemory<byte> memory;
    private readonly CudaEvent[] blockEnds = new CudaEvent[BlockCount];
    private int block;
    private int usedBytes;

    /// <summary>Allocates the ring.</summary>
    /// <param name="context">Where it is used.</param>
    /// <param name="stream">Where copies are queued.</param>
    public CudaStagingRing(CudaContext context, CudaStream stream)
    {
        this.stream = stream;
        memory = new CudaPageLockedHostMemory<byte>(context, BlockCount * BlockSizeInBytes);
        try
        {
            for (var i = 0; i < BlockCount; i++) blockEnds[i] = new CudaEvent(context, hasTime: false);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Queues a copy to the device; the source has been read when this returns.</summary>
    /// <param name="source">Any memory.</param>
    /// <param name="destination">Written from <paramref name="offset"/> on, when the stream comes to it.</param>
    /// <param name="offset">The first byte.</param>
    public void CopyToDevice(ReadOnlySpan<byte> source, CudaDeviceVariable<byte> destination, long offset)
    {
        while (!source.IsEmpty)
        {
            if (usedBytes == BlockSizeInBytes) Advance();
            var count = Math.Min(source.Length, BlockSizeInBytes - usedBytes);
            var place = (block * BlockSizeInBytes) + usedBytes;
            source[..count].CopyTo(memory.Span.Slice(place, count));
            destination.QueueCopyToDevice(memory, place, offset, count, stream);
            usedBytes += (count + Alignment - 1) / Alignment * Alignment;
            source = source[count..];
            offset += count;
        }
    }

    /// <summary>Copies from the device after all that the stream holds, and waits for it.</summary>
    /// <param name="source">Read from <paramref name="offset"/> on.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="destination">Any memory, written.</param>
    public void CopyToHost(CudaDeviceVariable<byte> source, long offset, Span<byte> destination)
    {
        var parts = (destination.Length + BlockSizeInBytes - 1) / BlockSizeInBytes;
        for (var (queued, done) = (0, 0); done < parts; done++)
        {
            // As many as there are blocks: the one emptied last is queued again.
            for (; queued < Math.Min(parts, done + BlockCount); queued++)
            {
                Advance();
                var start = queued * BlockSizeInBytes;
                source.QueueCopyToHost(memory, block * BlockSizeInBytes, offset + start, Math.Min(BlockSizeInBytes, destination.Length - start), stream);
                blockEnds[block].Record(stream);
            }

            var taken = (block - (queued - 1 - done) + BlockCount) % BlockCount;
            blockEnds[taken].Synchronize();
            var part = destination[(done * BlockSizeInBytes)..];
            if (part.Length > BlockSizeInBytes) part = part[..BlockSizeInBytes];
            memory.Span.Slice(taken * BlockSizeInBytes, part.Length).CopyTo(part);
        }
    }

    /// <summary>Frees the ring, after waiting for the copies that still use it.</summary>
    public void Dispose()
    {
        memory.Dispose();
        foreach (var end in blockEnds) end?.Dispose();
    }

    /// <summary>Goes to the next block, when the stream is done with it.</summary>
    private void Advance()
    {
        blockEnds[block].Record(stream);
        block = (block + 1) % BlockCount;
        blockEnds[block].Synchronize();
        usedBytes = 0;
    }
}
