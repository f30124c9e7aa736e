using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using DftNative.Backends;
using Microsoft.Win32.SafeHandles;

namespace DftNative.Checkpoints;

/// <summary>
/// A large file that is written from its beginning to its end, past the page cache where that can be: what is given is
/// copied, and written by a thread of its own while the caller makes the next part.
/// </summary>
internal sealed class WriteBehindFile : IDisposable
{
    private const int BlockLength = 4 << 20;
    private const int BlockCount = 4;

    private readonly SafeFileHandle file;
    private readonly List<PageAlignedMemory> blocks = [];
    private readonly BlockingCollection<PageAlignedMemory> empty = [];
    private readonly BlockingCollection<(PageAlignedMemory Block, int Length)> full = [];
    private readonly Thread writer;
    private PageAlignedMemory current;
    private int currentLength;
    private long position;
    private bool isDirect;
    private ExceptionDispatchInfo? failure;

    /// <summary>Begins to write at the file's first byte.</summary>
    /// <param name="file">Open for writing, and empty; not owned.</param>
    public WriteBehindFile(SafeFileHandle file)
    {
        this.file = file;
        isDirect = DirectAccess.TrySet(file, isDirect: true);
        current = NewBlock();
        writer = new Thread(WriteBlocks) { IsBackground = true, Name = "write behind" };
        writer.Start();
    }

    /// <summary>Appends bytes, which are the caller's again on return.</summary>
    /// <exception cref="Exception">Something given earlier could not be written: see <see cref="AtomicFile.IsWriteError"/>.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (currentLength == BlockLength) Pass();
            var count = Math.Min(bytes.Length, BlockLength - currentLength);
            bytes[..count].CopyTo(current.Span[currentLength..]);
            currentLength += count;
            bytes = bytes[count..];
        }
    }

    /// <summary>Waits until everything has been handed to the file system. Flushing to the disk is the caller's.</summary>
    /// <exception cref="Exception">Something could not be written: see <see cref="AtomicFile.IsWriteError"/>.</exception>
    public void Complete()
    {
        full.Add((current, currentLength));
        full.CompleteAdding();
        writer.Join();
        failure?.Throw();
    }

    /// <summary>Ends the thread and frees the memory; what was not completed is lost.</summary>
    public void Dispose()
    {
        full.CompleteAdding();
        writer.Join();
        foreach (var block in blocks) block.Dispose();
        full.Dispose();
        empty.Dispose();
    }

    private PageAlignedMemory NewBlock()
    {
        var block = new PageAlignedMemory(BlockLength);
        blocks.Add(block);
        return block;
    }

    /// <summary>Hands the current block to the writer, and takes one that it is done with.</summary>
    private void Pass()
    {
        full.Add((current, currentLength));
        current = blocks.Count < BlockCount ? NewBlock() : empty.Take();
        currentLength = 0;
        Volatile.Read(ref failure)?.Throw();
    }

    private void WriteBlocks()
    {
        foreach (var (block, length) in full.GetConsumingEnumerable())
        {
            try
            {
                // After a failure blocks are only given back, so that nobody waits for one.
                if (Volatile.Read(ref failure) is null) WriteBlock(block.Span[..length]);
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the thread that writes: here it would end the process.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Volatile.Write(ref failure, ExceptionDispatchInfo.Capture(exception));
            }

            empty.Add(block);
        }
    }

    private void WriteBlock(ReadOnlySpan<byte> bytes)
    {
        // The end is rarely a whole page.
        if (bytes.Length % PageAlignedMemory.Alignment != 0) UsePageCache();
        try
        {
            RandomAccess.Write(file, bytes, position);
        }
        catch (IOException exception) when (isDirect && exception.HResult == DirectAccess.InvalidArgument)
        {
            UsePageCache();
            RandomAccess.Write(file, bytes, position);
        }

        position += bytes.Length;
    }

    private void UsePageCache()
    {
        if (isDirect) DirectAccess.TrySet(file, isDirect: false);
        isDirect = false;
    }
}
