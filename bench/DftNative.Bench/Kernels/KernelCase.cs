using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Bench.Kernels;

/// <summary>
/// One kernel at one shape: its operands, its launch, the work that its banner claims, and its check against fp64. Used
/// once: prepared, run, checked, and then timed.
/// </summary>
/// <param name="operation">The operation's name, the same as in bench/peers/kernels.py.</param>
/// <param name="problem">The shape.</param>
internal abstract class KernelCase(string operation, KernelProblem problem)
{
    /// <summary>operation/model: the row's name.</summary>
    public string Name => $"{operation}/{problem.Model.Name}";

    /// <summary>The shape in words.</summary>
    public abstract string Shape { get; }

    /// <summary>Bytes that must be moved; 0 where FLOPs bound the kernel.</summary>
    public virtual double Bytes => 0;

    /// <summary>Floating-point operations; 0 where bytes bound the kernel.</summary>
    public virtual double Flops => 0;

    /// <summary>Rows of the micro-batch.</summary>
    protected int Tokens => problem.Tokens;

    /// <summary>The model's shapes.</summary>
    protected ModelConfiguration Model => problem.Shape;

    /// <summary>Null, or why the device cannot run it.</summary>
    public virtual string? Unsupported(IBackend backend) => null;

    /// <summary>Allocates and fills the operands; outputs are poisoned.</summary>
    public abstract void Prepare(OperandArena operands);

    /// <summary>Makes the operands fit for another run, where a run spoils them; not timed.</summary>
    public virtual void Restore(IBackend backend)
    {
    }

    /// <summary>Queues the work.</summary>
    public abstract void Run(IBackend backend);

    /// <summary>The outputs of the first run against fp64.</summary>
    public abstract IEnumerable<OutputError> Check();

    /// <summary>The error of an output that must be written everywhere.</summary>
    protected static OutputError Written(string output, Operand operand, ErrorNorm error, double bound) =>
        new(output, operand.IsWritten() ? error.Relative : double.PositiveInfinity, bound);
}
