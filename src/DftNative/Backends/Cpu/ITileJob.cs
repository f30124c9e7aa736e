namespace DftNative.Backends.Cpu;

/// <summary>Work cut into tiles whose results do not depend on which thread does which tile, nor on the number of threads.</summary>
internal interface ITileJob
{
    /// <summary>Does one tile.</summary>
    /// <param name="tile">From 0 to the number of tiles − 1.</param>
    /// <param name="worker">The calling thread's index, for scratch memory only.</param>
    void Execute(int tile, int worker);
}
