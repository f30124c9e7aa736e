namespace DftNative.Cuda;

/// <summary>The shape of a launch.</summary>
/// <param name="Grid">Blocks.</param>
/// <param name="Block">Threads of a block.</param>
/// <param name="SharedMemoryInBytes">Dynamic shared memory of a block.</param>
/// <param name="Stream">Where the launch is queued.</param>
public readonly record struct LaunchConfiguration(Dimensions Grid, Dimensions Block, int SharedMemoryInBytes, CudaStream Stream)
{
    /// <summary>The shape in words, for messages.</summary>
    public override string ToString() => $"grid {Grid}, block {Block}, {SharedMemoryInBytes} bytes of shared memory";
}
