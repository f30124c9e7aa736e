using DftNative.Backends;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>Launches of attention that are to allocate nothing, on the host and on the device.</summary>
internal static class AttentionLaunches
{
    /// <summary>Of the forward pass, with one head of 16 channels.</summary>
    public static void AssertForwardAllocatesNothing(CudaBackend backend, int rows, AttentionRange[] few, AttentionRange[] many)
    {
        using var buffer = backend.Allocate(DataType.BFloat16, rows * 16, MemoryCategory.Activations, "x");
        using var output = backend.Allocate(DataType.BFloat16, rows * 16, MemoryCategory.Activations, "output");
        using var statistics = backend.Allocate(DataType.Float32, rows, MemoryCategory.Activations, "statistics");
        AssertAllocateNothing(backend, Launch, few, many);

        void Launch(AttentionRange[] ranges) => backend.AttentionForward(
            buffer.AsMatrix(rows, 16), buffer.AsMatrix(rows, 16), buffer.AsMatrix(rows, 16), output.AsMatrix(rows, 16),
            statistics.AsMatrix(1, rows), new AttentionRanges(default, ranges), AttentionProblem.ShapeOf(1, 1, 16));
    }

    /// <summary>Of any, with ranges that change and that stay: after the first launch of the most ranges.</summary>
    public static void AssertAllocateNothing(CudaBackend backend, Action<AttentionRange[]> launch, AttentionRange[] few, AttentionRange[] many)
    {
        launch(many);
        launch(few);
        backend.Synchronize();
        var deviceBytes = backend.AllocatedBytes;
        ManagedAllocation.AssertNone(() =>
        {
            for (var i = 0; i < 3; i++)
            {
                launch(few);
                launch(few);
                launch(many);
            }

            backend.Synchronize();
        });
        Assert.That(backend.AllocatedBytes, Is.EqualTo(deviceBytes));
    }
}
