using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Backends.Cuda;

namespace DftNative.Bench.CheckpointIo;

/// <summary>
/// Saving and loading some 3 GB beside what cat and dd do with the same files in the same run, the memory that it took, and
/// whether every bit came back.
/// </summary>
internal static class CheckpointIoBench
{
    /// <summary>The command's arguments.</summary>
    public const string Usage = "checkpoint-io FOLDER [cpu|cuda] [model|training]";

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
        Report("save", subject, subject.Save);
        Row("dd oflag=direct", subject, Disk.WriteSeconds(subject.Files, copy, direct: true));
        Row("dd conv=fsync", subject, Disk.WriteSeconds(subject.Files, copy, direct: false));
        subject.Clear();
        Disk.Forget(subject.Files);
        Report("load, cold", subject, subject.Load);
        Disk.Forget(subject.Files);
        Row("cat, cold", subject, Disk.ReadSeconds(subject.Files));
        Report("load, cached", subject, subject.Load);
        Row("cat, cached", subject, Disk.ReadSeconds(subject.Files));
        var isWhole = subject.IsWhole();
        Console.WriteLine(isWhole ? "every bit came back" : "WRONG: what was loaded is not what was saved");
        return isWhole;
    }

    /// <summary>Times what this process does: also the processors' time, which a busy machine does not change, and the memory that it took.</summary>
    private static void Report(string what, CheckpointSubject subject, Action action)
    {
        using var memory = new PeakMemory();
        var before = Environment.CpuUsage.TotalTime;
        var seconds = Disk.Time(action);
        var processor = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        Row(what, subject, seconds, string.Create(CultureInfo.InvariantCulture, $"   {processor,6:F2} s of processors   {memory.GrowthInBytes >> 20,5} MiB"));
    }

    private static void Row(string what, CheckpointSubject subject, double seconds, string more = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-20} {seconds,8:F2} s {subject.SizeInBytes / seconds / 1e9,8:F2} GB/s{more}"));
}
