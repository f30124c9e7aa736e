using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Bench.Kernels;

namespace DftNative.Tests.Bench;

/// <summary>The bench's checks, on the CPU's operations in fp32: right work passes, and work that was not done does not.</summary>
[TestFixture]
internal sealed class KernelCaseTests
{
    private const int Tokens = 24;
    private const long ArenaLength = 5000;

    private static readonly string[] Names = [.. Cases().Select(kernel => kernel.Name)];

    private CpuBackend backend = null!;

    [OneTimeSetUp]
    public void Open() => backend = new CpuBackend(2);

    [OneTimeTearDown]
    public void Close() => backend.Dispose();

    [TestCaseSource(nameof(Names))]
    public void WorkIsRightAndWorkNotDoneIsSeen(string name)
    {
        var (done, notDone) = (Case(name), Case(name));
        if (done.Unsupported(backend) is { } reason)
        {
            Assert.That(reason, Is.Not.Empty);
            return;
        }

        using (var operands = new OperandArena(backend))
        {
            done.Prepare(operands);
            done.Run(backend);
            Assert.That(done.Check().Where(output => !output.IsWithin), Is.Empty);
        }

        using (var operands = new OperandArena(backend))
        {
            notDone.Prepare(operands);
            Assert.That(notDone.Check().Any(output => !output.IsWithin));
        }
    }

    [Test]
    public void EveryOperationOfABackendHasARow()
    {
        // What moves or makes memory, plans or measures, and is not one of a layer's operations.
        string[] others =
        [
            "Allocate", "Reserve", "GetMemory", "Upload", "Download", "Zero", "Synchronize", "BeginPass", "PlanAttention", "ExportPlans", "ImportPlans",
            "CreateOperationTimer",
        ];
        var operations = typeof(IBackend).GetMethods().Where(method => !method.IsSpecialName).Select(method => method.Name).Except(others);
        string[] rows = [.. Names.Select(name => name.Replace("_", "", StringComparison.Ordinal))];
        var missing = operations.Where(operation =>
            !rows.Any(row => row.StartsWith(operation.Replace("Step", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)));
        Assert.That(missing, Is.EquivalentTo(new[] { "Copy", "LinearInputGradient", "LinearWeightGradient" }), "a copy has the rows convert_…, the two gradients linear_backward");
    }

    [Test]
    public void NamesAreDifferent() => Assert.That(Names, Is.Unique);

    [Test]
    public void ANumberThatIsNaNIsNeverWithinABound()
    {
        var error = new ErrorNorm();
        error.Add(1, 1);
        error.Add(double.NaN, 1);
        Assert.That(new OutputError("x", error.Relative, double.MaxValue).IsWithin, Is.False);
    }

    [Test]
    public void TheErrorIsThatOfTheNorm()
    {
        var error = new ErrorNorm();
        error.Add([3, 4.5], [3, 4]);
        Assert.That(error.Relative, Is.EqualTo(0.1).Within(1e-15));
    }

    private static KernelCase Case(string name) => Cases().Single(kernel => kernel.Name == name);

    private static IEnumerable<KernelCase> Cases()
    {
        var model = BenchModels.All[0].Reduced();
        return KernelCases.OfModel(new KernelProblem(model, Tokens))
            .Concat(KernelCases.OfArena(new KernelProblem(model with { Name = KernelCases.ArenaName }, Tokens), ArenaLength));
    }
}
