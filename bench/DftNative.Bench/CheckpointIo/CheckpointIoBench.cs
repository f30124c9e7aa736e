using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;

namespace DftNative.Bench.CheckpointIo;

/// <summary>
/// Saving and loading some 3 GB beside what cat and dd do with the same files in the same run, by turns; the memory that it
/// took, and whether every bit came back.
/// </summary>
internal static class CheckpointIoBench
{
    /// <summary>The command's arguments.</summary>
    public const string Usage = "checkpoint-io FOLDER [cpu|cuda] [model|training]";

    /// <summary>Turns. The best of them counts: whatever else the machine does only adds to a time.</summary>
    private const int Rounds = 3;

    /// <summary>Runs the command in a new folder inside the given one, which it removes.</summary>
    public static ExitCode Run(string[] arguments)
    {
        if (arguments is not ([_] or [_, "cpu" or "cuda"] or [_, "cpu" or "cuda", "model" or "training"]))
            throw new DftNativeException(ExitCode.Usage, $"usage: {Usage}");
        var own = Directory.CreateDirectory(Path.Combine(arguments[0], $"checkpoint-io-{Guid.NewGuid():N}")).FullName;
        try
        {
            using IBackend backend = arguments is [_, "cuda", ..] ? new CudaBackend() : new CpuBackend();
            Console.WriteLine(backend.Description);
            using var subject = new CheckpointSubject(backend, arguments is [_, _, "training"] ? CheckpointKind.Training : CheckpointKind.Model, own);
            return Measure(subject, Path.Combine(own, "copy")) ? ExitCode.Success : ExitCode.CheckFailed;
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }

    private static bool Measure(CheckpointSubject subject, string copy)
    {
        var isWhole = true;
        var rows = new BestTimes();
        for (var round = 0; round < Rounds; round++)
        {
            rows.Measure("save", subject.Save);
            rows.Add("dd oflag=direct", Disk.WriteSeconds(subject.Files, copy, direct: true));
            rows.Add("dd conv=fsync", Disk.WriteSeconds(subject.Files, copy, direct: false));
            subject.Clear();
            Disk.Forget(subject.Files);
            rows.Measure("load, cold", subject.Load);
            Disk.Forget(subject.Files);
            rows.Add("cat, cold", Disk.ReadSeconds(subject.Files));
            rows.Measure("load, cached", subject.Load);
            rows.Add("cat, cached", Disk.ReadSeconds(subject.Files));
            isWhole &= subject.IsWhole();
        }

        rows.Print(subject.SizeInBytes);
        Console.WriteLine(isWhole ? "every bit came back" : "WRONG: what was loaded is not what was saved");
        return isWhole;
    }
}
