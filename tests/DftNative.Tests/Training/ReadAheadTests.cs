using DftNative.Training;

namespace DftNative.Tests.Training;

/// <summary>A sequence made on another thread, one item ahead.</summary>
public sealed class ReadAheadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public void ItemsComeInTheirOrderAndEnd()
    {
        using var items = new ReadAhead<string>(Enumerable.Range(0, 100).Select(i => $"{i}"), "numbers");
        for (var i = 0; i < 100; i++) Assert.That(items.Take(), Is.EqualTo($"{i}"));
        Assert.That(items.TryTake(), Is.Null);
        Assert.That(items.TryTake(), Is.Null);
        Assert.That(items.Take, Throws.InvalidOperationException.With.Message.Contains("numbers"));
    }

    [Test]
    public void OneIsMadeAheadOnAnotherThreadAndNoMore()
    {
        var made = 0;
        var threads = new HashSet<int>();
        using var items = new ReadAhead<string>(Make(), "numbers");
        for (var taken = 0; taken < 10; taken++)
        {
            Assert.That(SpinWait.SpinUntil(() => Volatile.Read(ref made) == taken + 1, Patience), "the next item is not made ahead");
            Thread.Sleep(2);
            Assert.That(Volatile.Read(ref made), Is.EqualTo(taken + 1), "more than one item is made ahead");
            items.Take();
        }

        Assert.That(threads, Has.Count.EqualTo(1).And.Not.Contain(Environment.CurrentManagedThreadId));

        IEnumerable<string> Make()
        {
            for (var i = 0; i < 1000; i++)
            {
                threads.Add(Environment.CurrentManagedThreadId);
                Interlocked.Increment(ref made);
                yield return "";
            }
        }
    }

    [Test]
    public void AFailureComesUpInItsPlaceAndStays()
    {
        using var items = new ReadAhead<string>(Failing(new DftNativeException(ExitCode.Device, "broken")), "numbers");
        Assert.That(items.Take(), Is.EqualTo("first"));
        for (var i = 0; i < 2; i++)
        {
            var exception = Assert.Throws<DftNativeException>(() => items.Take());
            Assert.That((exception!.ExitCode, exception.Message), Is.EqualTo((ExitCode.Device, "broken")));
        }
    }

    /// <summary>A run takes an I/O error for one of its output, unless it is told that it was the input.</summary>
    [Test]
    public void AFileThatCannotBeReadIsInvalidInput()
    {
        using var items = new ReadAhead<string>(Failing(new IOException("the disk is gone")), "training data");
        items.Take();
        var exception = Assert.Throws<DftNativeException>(() => items.Take());
        Assert.That(exception!.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
        Assert.That(exception.Message, Is.EqualTo("the training data cannot be read: the disk is gone"));
    }

    [Test]
    public void TheEndDoesNotWaitForTheRest([Values(0, 1, 3)] int taken)
    {
        var (made, ended) = (0, false);
        var items = new ReadAhead<string>(Endless(), "numbers");
        for (var i = 0; i < taken; i++) items.Take();
        items.Dispose();
        Assert.That(ended, Is.EqualTo(made > 0), "the sequence is not ended");
        Assert.That(made, Is.LessThanOrEqualTo(taken + 1));

        IEnumerable<string> Endless()
        {
            try
            {
                while (true)
                {
                    made++;
                    yield return "";
                }
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Test]
    public void TakingAllocatesNothing()
    {
        using var items = new ReadAhead<string>(Enumerable.Repeat("", 2000), "numbers");
        for (var i = 0; i < 100; i++) items.Take();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) items.Take();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static IEnumerable<string> Failing(Exception exception)
    {
        yield return "first";
        throw exception;
    }
}
