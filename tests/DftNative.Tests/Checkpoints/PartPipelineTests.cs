using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

public sealed class PartPipelineTests
{
    [Test]
    public void PartsAreTakenInOrderHoweverTheyAreMade([Values(0, 1, 2, 3, 4, 100)] int count, [Values(1, 3)] int threads, [Values(1, 4)] int spare)
    {
        var caller = Environment.CurrentManagedThreadId;
        var buffers = Enumerable.Range(0, threads + spare).Select(_ => new int[1]).ToArray();
        var taken = new List<int>();
        var made = new int[count];
        PartPipeline<int[]>.Run(count, threads, buffers, Make, Take);
        Assert.That(taken, Is.EqualTo(Enumerable.Range(0, count)));
        Assert.That(made, Is.All.EqualTo(1));

        void Make(int part, int[] buffer)
        {
            Interlocked.Increment(ref made[part]);
            buffer[0] = -1;
            if (part % 3 == 0) Thread.Yield();
            // A buffer that is given to two parts at once would show the other's number.
            buffer[0] = part;
        }

        void Take(int part, int[] buffer)
        {
            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(caller));
            Assert.That(buffer[0], Is.EqualTo(part));
            taken.Add(part);
            Thread.Yield();
            Assert.That(buffer[0], Is.EqualTo(part), "the buffer is not filled again before this returns");
        }
    }

    [Test]
    public void OneThreadMakesThePartsInOrder()
    {
        var made = new List<int>();
        PartPipeline<int>.Run(50, 1, [0, 1, 2], (part, _) => made.Add(part), (_, _) => { });
        Assert.That(made, Is.EqualTo(Enumerable.Range(0, 50)));
    }

    [Test]
    public void PartsAreMadeAheadWhileOneIsTaken()
    {
        using var nextIsMade = new ManualResetEventSlim();
        PartPipeline<int>.Run(2, 1, [0, 1], (part, _) =>
        {
            if (part == 1) nextIsMade.Set();
        }, (part, _) =>
        {
            if (part == 0) nextIsMade.Wait();
        });
    }

    /// <summary>Two threads fail, in either order: what comes up is the first part's error, after the parts before it were taken.</summary>
    [Test]
    public void TheFirstErrorInOrderComesUp([Values(10, 11)] int failsFirst)
    {
        using var firstFails = new ManualResetEventSlim();
        using var secondFails = new ManualResetEventSlim();
        var taken = new List<int>();
        var exception = Assert.Throws<IOException>(() => PartPipeline<int>.Run(100, 3, [.. Enumerable.Range(0, 5)], Make, Take))!;
        Assert.That(exception.Message, Is.EqualTo("10"));
        Assert.That(taken, Is.EqualTo(Enumerable.Range(0, 10)));

        void Make(int part, int buffer)
        {
            if (part is not (10 or 11)) return;
            if (part != failsFirst) firstFails.Wait();
            (part == failsFirst ? firstFails : secondFails).Set();
            throw new IOException($"{part}");
        }

        void Take(int part, int buffer)
        {
            taken.Add(part);
            if (part != 9) return;
            secondFails.Wait();
            Thread.Sleep(20);
        }
    }

    [Test]
    public void AnErrorOfTheTakerStopsTheMakers([Values(1, 3)] int threads)
    {
        var working = 0;
        var made = 0;
        Assert.That(
            () => PartPipeline<int>.Run(1000, threads, [.. Enumerable.Range(0, 5)], Make, (part, _) =>
            {
                if (part == 3) throw new IOException("no space");
            }),
            Throws.InstanceOf<IOException>().With.Message.EqualTo("no space"));
        Assert.That(working, Is.Zero, "nobody works on a buffer any more");
        Assert.That(made, Is.LessThanOrEqualTo(3 + 5), "no more was made than there are buffers");

        void Make(int part, int buffer)
        {
            Interlocked.Increment(ref working);
            Interlocked.Increment(ref made);
            Thread.Yield();
            Interlocked.Decrement(ref working);
        }
    }

    [Test]
    public void BuffersMustSufficeForATaker() => Assert.That(
        () => PartPipeline<int>.Run(2, 2, [0, 1], (_, _) => { }, (_, _) => { }), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
