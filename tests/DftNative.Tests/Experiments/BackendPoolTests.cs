using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Experiments;

namespace DftNative.Tests.Experiments;

/// <summary>A device holds memory from its opening on: none is opened that nobody works on.</summary>
public sealed class BackendPoolTests
{
    private readonly List<IBackend> opened = [];

    [SetUp]
    public void Forget() => opened.Clear();

    [Test]
    public void AsManyAreOpenedAsAreInUseAtOnce()
    {
        using var pool = new BackendPool(Open);
        var first = pool.Take();
        Assert.That(pool.Kind, Is.EqualTo(("cpu", "fp32")), "asked while the only one is in use");
        Assert.That(opened, Has.Count.EqualTo(1));
        pool.Return(first);
        Assert.That(pool.Take(), Is.SameAs(first));
        Assert.That(pool.Take(), Is.Not.SameAs(first));
        Assert.That(pool.Kind, Is.EqualTo(("cpu", "fp32")));
        Assert.That(opened, Has.Count.EqualTo(2));
    }

    [Test]
    public void TheOneThatIsAskedFirstIsUsedFirst()
    {
        using var pool = new BackendPool(Open);
        Assert.That(pool.Kind, Is.EqualTo(("cpu", "fp32")));
        Assert.That(pool.Take(), Is.SameAs(opened.Single()));
    }

    private CpuBackend Open()
    {
        var backend = new CpuBackend(1);
        opened.Add(backend);
        return backend;
    }
}
