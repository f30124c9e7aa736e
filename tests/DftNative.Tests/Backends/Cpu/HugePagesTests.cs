using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;

namespace DftNative.Tests.Backends.Cpu;

internal sealed unsafe class HugePagesTests
{
    [Test]
    public void WholeHugePagesAreAskedForAndTheRestIsNot()
    {
        if (!File.Exists("/sys/kernel/mm/transparent_hugepage/enabled"))
            Assert.Ignore("a kernel without transparent huge pages");
        using var backend = new CpuBackend(1);
        using var large = Allocate(backend, (3 * HugePages.SizeInBytes) + (1 << 20));
        using var small = Allocate(backend, HugePages.SizeInBytes - sizeof(float));
        var start = (ulong)large.Pointer;
        Assert.Multiple(() =>
        {
            Assert.That(start % HugePages.SizeInBytes, Is.Zero);
            Assert.That(Asks(start), Is.True);
            Assert.That(Asks(start + (3 * HugePages.SizeInBytes) - 1), Is.True);
            Assert.That(Asks(start + (3 * HugePages.SizeInBytes)), Is.False);
            Assert.That(Asks((ulong)small.Pointer), Is.False);
        });
    }

    private static CpuDeviceBuffer Allocate(CpuBackend backend, uint bytes) =>
        (CpuDeviceBuffer)backend.Allocate(DataType.Float32, bytes / sizeof(float), MemoryCategory.Weights, "weights");

    /// <summary>Whether the kernel notes the advice (proc(5), VmFlags "hg") for the mapping that holds an address.</summary>
    private static bool Asks(ulong address)
    {
        var inside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[0] is "VmFlags:" && inside) return fields.Contains("hg");
            if (!fields[0].EndsWith(':')) inside = fields[0].Split('-') is var bounds && Parse(bounds[0]) <= address && address < Parse(bounds[1]);
        }

        throw new InvalidOperationException("The address is in no mapping.");
    }

    private static ulong Parse(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
