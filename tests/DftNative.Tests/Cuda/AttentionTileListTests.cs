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
        list.Update(Ranges([Shorter, Document, Cached]), 32);
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
        list.Update(Ranges([Shorter, Document]), 32);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(10, 32, 10, 70), new(42, 32, 42, 38), new(74, 6, 74, 6), new(2, 5, 2, 5)]));
    }

    [Test]
    public void EqualTilesComeInTheOrderOfTheirRows()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update(Ranges([new AttentionRange(9, 1, 9, 1), new AttentionRange(4, 1, 4, 1), new AttentionRange(6, 1, 6, 1)]), 32);
        Assert.That(Tiles(list).Select(tile => tile.Row), Is.EqualTo((int[])[4, 6, 9]));
    }

    [Test]
    public void OtherRangesOrTilesMakeTheListAnew()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update(Ranges([Document, Shorter]), 32);
        Assert.That(list.Count, Is.EqualTo(4));
        list.Update(Ranges([Document, Shorter]), 64);
        Assert.That(list.Count, Is.EqualTo(3));
        list.Update(Ranges([Document]), 64);
        Assert.That(list.Count, Is.EqualTo(2));
        list.Update(Ranges([]), 64);
        Assert.That(list.Count, Is.Zero);
        list.Update(Ranges([Shorter]), 64);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(2, 5, 2, 1)]));
    }

    [Test]
    public void AListThatFailedIsForgotten()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        list.Update(Ranges([Document]), 32);
        Assert.That(() => list.Update(Ranges([Shorter, Bad]), 32), Throws.ArgumentException);
        list.Update(Ranges([Shorter]), 32);
        Assert.That(Tiles(list), Is.EqualTo((AttentionTile[])[new(2, 5, 2, 1)]));
    }

    /// <summary>Made on another thread ahead of time, whatever the kernels' tiles are.</summary>
    [Test]
    public void APlanHasTheListsThatWouldBeMadeHere([Values(64, 128)] int headDimension, [Values] bool training)
    {
        AttentionRange[] ranges = [Shorter, Document, new(200, 500, 200, 500)];
        var plan = Backend.PlanAttention(ranges, new AttentionShape(4, 2, headDimension, 1), training);
        var set = AttentionKernels.For(Backend.Context.ComputeCapability, headDimension);
        using var scratch = NewScratch();
        foreach (var (kernel, ofKeys) in new[] { (set.Forward, false), (set.QueryGradient, false), (set.KeyValueGradient, true) })
        {
            var (made, planned) = (new AttentionTileList(Backend, scratch, ofKeys), new AttentionTileList(Backend, scratch, ofKeys));
            made.Update(Ranges(ranges), kernel.RowsPerTile);
            var expected = Tiles(made);
            planned.Update(new AttentionRanges(default, ranges, plan), kernel.RowsPerTile);
            Assert.That(Tiles(planned), Is.EqualTo(expected));
        }

        var list = ((CudaAttentionPlan)plan).Find(ofKeys: true, set.KeyValueGradient.RowsPerTile);
        Assert.That(list is not null, Is.EqualTo(training));
    }

    [Test]
    public void PlannedAndOtherRangesFollowEachOther()
    {
        using var scratch = NewScratch();
        var list = new AttentionTileList(Backend, scratch, ofKeys: false);
        var rows = AttentionKernels.For(Backend.Context.ComputeCapability, 64).Forward.RowsPerTile;
        var plans = new[] { Document, Shorter }.ToDictionary(range => range, range => Backend.PlanAttention([range], new AttentionShape(1, 1, 64, 1), training: false));
        foreach (var (ranges, isPlanned) in new[] { (Document, false), (Shorter, true), (Document, false), (Shorter, true), (Shorter, true), (Document, true), (Document, false), (Shorter, false), (Document, true) })
        {
            AttentionRange[] pass = [ranges];
            list.Update(new AttentionRanges(default, pass, isPlanned ? plans[ranges] : null), rows);
            Assert.That(Tiles(list)[0].OtherRow, Is.EqualTo(ranges.KeyStart));
            Assert.That(Tiles(list).Sum(tile => tile.RowCount), Is.EqualTo(ranges.QueryCount));
        }
    }

    [Test]
    public void ABadRangeIsRefusedWhenItIsPlanned() =>
        Assert.That(() => Backend.PlanAttention([Shorter, Bad], new AttentionShape(1, 1, 64, 1), training: true), Throws.ArgumentException.With.Message.Contains("more queries than keys"));

    private static AttentionRanges Ranges(AttentionRange[] ranges) => new(default, ranges);

    private CudaScratch NewScratch() => new(Backend, DataType.Int32, MemoryCategory.Workspace, "tiles");

    private AttentionTile[] Tiles(AttentionTileList list)
    {
        var numbers = new int[list.Count * AttentionTileList.FieldCount];
        Backend.Download(list.Device, numbers);
        return [.. numbers.Chunk(AttentionTileList.FieldCount).Select(tile => new AttentionTile(tile[0], tile[1], tile[2], tile[3]))];
    }
}
