using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The tiles that attention kernels are given: all of the ranges, the longest first.</summary>
[TestFixture]
[NonParallelizable]
internal sealed class AttentionTileListTests : CudaBackendFixture
{
    private static readonly AttentionRange Document = new(10, 70, 10, 70);
    private static readonly AttentionRange Shorter = new(2, 5, 2, 5);
    private static readonly AttentionRange Cached = new(100, 3, 200, 90);
    private static readonly AttentionRange Bad = new(0, 2, 0, 1);

    [Test]
    public void QueriesWithTheMostKeysComeFirst()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update([Shorter, Document, Cached], 32);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])
        [
            new(100, 3, 200, 88), new(74, 6, 10, 65), new(42, 32, 10, 33), new(10, 32, 10, 1), new(2, 5, 2, 1),
        ]));
    }

    [Test]
    public void KeysThatTheMostQueriesSeeComeFirst()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: true);
        list.Update([Shorter, Document], 32);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(10, 32, 10, 70), new(42, 32, 42, 38), new(74, 6, 74, 6), new(2, 5, 2, 5)]));
    }

    [Test]
    public void EqualTilesComeInTheOrderOfTheirRows()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update([new AttentionRange(9, 1, 9, 1), new AttentionRange(4, 1, 4, 1), new AttentionRange(6, 1, 6, 1)], 32);
        Assert.That(Tiles(list).Select(tile => tile.Row), Is.EqualTo((int[])[4, 6, 9]));
    }

    [Test]
    public void OtherRangesOrTilesMakeTheListAnew()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update([Document, Shorter], 32);
        Assert.That(list.Count, Is.EqualTo(4));
        list.Update([Document, Shorter], 64);
        Assert.That(list.Count, Is.EqualTo(3));
        list.Update([Document], 64);
        Assert.That(list.Count, Is.EqualTo(2));
        list.Update([], 64);
        Assert.That(list.Count, Is.Zero);
        list.Update([Shorter], 64);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(2, 5, 2, 1)]));
    }

    [Test]
    public void AListThatFailedIsForgotten()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update([Document], 32);
        Assert.That(() => list.Update([Shorter, Bad], 32), Throws.ArgumentException);
        list.Update([Shorter], 32);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(2, 5, 2, 1)]));
    }

    private CudaScratch NewScratch() => new(Backend, DataType.Int32, MemoryCategory.Workspace, "tiles");

    private AttentionTile[] Tiles(AttentionTileList list)
    {
        var numbers = new int[list.Count * AttentionTile.FieldCount];
        Backend.Download(list.Device, numbers);
        return [.. numbers.Chunk(AttentionTile.FieldCount).Select(tile => new AttentionTile(tile[0], tile[1], tile[2], tile[3]))];
    }
}
