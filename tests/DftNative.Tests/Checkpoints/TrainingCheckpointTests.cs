using System.Diagnostics;
using System.Globalization;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Models;
using DftNative.Tests.Cuda;

namespace DftNative.Tests.Checkpoints;

public sealed class TrainingCheckpointTests
{
    private const string KilledDirectory = "DFTNATIVE_TEST_KILLED_DIRECTORY";
    private const string KilledPart = "DFTNATIVE_TEST_KILLED_PART";

    /// <summary>What a shell says of a process that SIGKILL ended.</summary>
    private const int Killed = 128 + 9;

    private const string State = """{"rows": 17, "text": "größer"}""";

    private TemporaryDirectory directory = null!;
    private CpuBackend backend = null!;
    private ModelDirectory source = null!;
    private DeviceBuffer[] arenas = null!;
    private DeviceBuffer[] scratch = null!;

    private ParameterLayout Layout => source.Layout;

    [SetUp]
    public void MakeArenas()
    {
        directory = new TemporaryDirectory();
        backend = new CpuBackend(1);
        source = ModelDirectory.Open(TinyModel.Create(directory, "source", saveDataType: SaveDataType.BFloat16));
        (arenas, scratch) = (AllocateArenas(), AllocateArenas());
        for (var i = 0; i < arenas.Length; i++) new ModelInitializer(Layout, 1, (ulong)i + 10).Load(backend, arenas[i].AsVector());
    }

    [TearDown]
    public void RemoveArenas()
    {
        foreach (var arena in arenas.Concat(scratch)) arena.Dispose();
        source.Dispose();
        backend.Dispose();
        directory.Dispose();
    }

    [Test]
    public void EverythingComesBackBitwise([Values] SaveDataType saveDataType)
    {
        var path = Save(5, saveDataType);
        Assert.That(path, Is.EqualTo(directory["checkpoint-5"]));
        using var checkpoint = TrainingCheckpoint.Open(path);
        Assert.That(checkpoint.Step, Is.EqualTo(5));
        Assert.That(checkpoint.TrainerState, Is.EqualTo(State));
        Assert.That(checkpoint.Model.SourceDataType, Is.EqualTo(saveDataType == SaveDataType.Float32 ? DataType.Float32 : DataType.BFloat16));
        Assert.That(File.Exists(Path.Combine(path, "tokenizer.json")), Is.True);
        var (weights, first, second) = (scratch[0].AsVector(), scratch[1].AsVector(), scratch[2].AsVector());
        checkpoint.LoadParameters(backend, Layout, new MasterWeights(weights));
        Assert.That(Contents(scratch[0]), Is.EqualTo(Contents(arenas[0])));
        backend.Zero(weights);
        var done = new Counter();
        checkpoint.Load(backend, Layout, new MasterWeights(weights), first, second, done);
        for (var i = 0; i < arenas.Length; i++) Assert.That(Contents(scratch[i]), Is.EqualTo(Contents(arenas[i])));
        Assert.That(done.Count, Is.EqualTo(checkpoint.ElementCount));
        Assert.That(checkpoint.ElementCount, Is.EqualTo((saveDataType == SaveDataType.Float32 ? 3 : 4) * Layout.ParameterCount));
    }

    /// <summary>A GPU's weights: bf16 and the low bits of the master, of which a bf16 model gets the former alone.</summary>
    [Test]
    public void ASplitMasterComesBackBitwise([Values] SaveDataType saveDataType)
    {
        // Halfway between two bf16 numbers, of which the device takes the upper and rounding to even the lower.
        var tie = BitConverter.UInt32BitsToSingle(0x3F80_8000);
        foreach (var tensor in Layout.Tensors) backend.Upload<float>([tie], arenas[0].AsVector().Slice(tensor.Offset, 1));
        var weights = AllocateSplit();
        ParameterTransfer.Upload(backend, Layout, weights, (name, start, destination) =>
            ParameterTransfer.Reader(backend, Layout, arenas[0].AsVector())(name, start, destination.Span));
        var path = TrainingCheckpoint.Save(
            directory.Path, 5, source.Template, backend, Layout, weights, arenas[1].AsVector(), arenas[2].AsVector(), saveDataType, State);
        using var checkpoint = TrainingCheckpoint.Open(path);
        var loaded = AllocateSplit();
        checkpoint.LoadParameters(backend, Layout, loaded);
        using var single = backend.Allocate(DataType.Float32, Layout.ArenaLength, MemoryCategory.Weights, "loaded");
        checkpoint.LoadParameters(backend, Layout, new MasterWeights(single.AsVector()));
        var saved = backend.Allocate(DataType.BFloat16, Layout.ArenaLength, MemoryCategory.Weights, "saved");
        checkpoint.Model.Load(backend, Layout, saved.AsVector());
        Assert.Multiple(() =>
        {
            Assert.That(Halves(loaded.Weights), Is.EqualTo(Halves(weights.Weights)));
            Assert.That(Halves(loaded.Low), Is.EqualTo(Halves(weights.Low)));
            Assert.That(Halves(weights.Low), Has.Some.Not.Zero);
            Assert.That(Contents(single), Is.EqualTo(Contents(arenas[0])));
            if (saveDataType != SaveDataType.Float32) Assert.That(Halves(saved.AsVector()), Is.EqualTo(Halves(weights.Weights)));
        });
        saved.Dispose();
        Free(weights);
        Free(loaded);

        MasterWeights AllocateSplit() => new(
            backend.Allocate(DataType.BFloat16, Layout.ArenaLength, MemoryCategory.Weights, "weights").AsVector(),
            backend.Allocate(DataType.Int16, Layout.ArenaLength, MemoryCategory.Master, "low").AsVector());

        static void Free(MasterWeights weights)
        {
            weights.Weights.Buffer!.Dispose();
            weights.Low.Buffer!.Dispose();
        }
    }

    /// <summary>Also those that change a header's meaning: the message names the file, and not what became of its contents.</summary>
    [Test]
    public void EveryFlippedBitIsFound([Values(SaveDataType.BFloat16, SaveDataType.Float32)] SaveDataType saveDataType)
    {
        var path = Save(5, saveDataType);
        var random = new Random(3);
        foreach (var file in Directory.GetFiles(path))
        {
            var name = Path.GetFileName(file);
            // White space in the manifest may change without changing what it says.
            var isManifest = name == "checkpoint.json";
            string[] mentions = isManifest ? [name] : [name, "the checkpoint is damaged", "resume from another checkpoint"];
            var whole = File.ReadAllBytes(file);
            for (var trial = 0; trial < 40; trial++)
            {
                var damaged = whole.ToArray();
                // Every other one at the beginning, where a header is; the last byte, too.
                var place = trial == 0 ? damaged.Length - 1 : random.Next(trial % 2 == 0 ? damaged.Length : Math.Min(damaged.Length, 400));
                damaged[place] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(file, damaged);
                if (isManifest && Loads(path)) continue;
                ErrorAssert.Throws(ExitCode.InvalidInput, () => Load(path), mentions);
                ErrorAssert.Throws(ExitCode.InvalidInput, () => LoadParameters(path), mentions);
            }

            File.WriteAllBytes(file, whole[..^1]);
            ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(path).Dispose(), isManifest ? name : $"{name} has {whole.Length - 1} bytes, and {whole.Length} were written");
            File.WriteAllBytes(file, [.. whole, 0]);
            ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(path).Dispose(), isManifest ? name : $"{name} has {whole.Length + 1} bytes, and {whole.Length} were written");
            File.Delete(file);
            ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(path).Dispose(), name);
            File.WriteAllBytes(file, whole);
        }

        Load(path);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(directory["checkpoint-6"]).Dispose(), "checkpoint-6");
    }

    /// <summary>What the kernel says that this process read: a file that was read twice would be seen.</summary>
    [Test]
    public void ALoadReadsEveryFileOnce([Values(SaveDataType.BFloat16, SaveDataType.Float32)] SaveDataType saveDataType, [Values] bool withMoments)
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("what is read is counted by Linux");
        var configuration = TinyModel.Configuration();
        // The embedding is loaded in two parts.
        configuration["vocab_size"] = 132_000;
        var large = TinyModel.Create(directory, "large", configuration);
        File.WriteAllText(Path.Combine(large, "tokenizer.json"), new string(' ', 1 << 20));
        using var model = ModelDirectory.Open(large);
        TensorReader read = model.Read;
        var path = TrainingCheckpoint.Save(
            directory.Path, 5, model.Template, model.Layout, read, saveDataType == SaveDataType.Float32 ? null : read, read, read, saveDataType, State);
        using var weights = backend.Allocate(DataType.Float32, model.Layout.ArenaLength, MemoryCategory.Weights, "loaded");
        using var moments = backend.Allocate(DataType.Float32, model.Layout.ArenaLength, MemoryCategory.Weights, "loaded");
        using var expected = backend.Allocate(DataType.Float32, model.Layout.ArenaLength, MemoryCategory.Weights, "expected");
        LoadAll();
        var before = BytesRead();
        LoadAll();
        var count = BytesRead() - before;
        var files = new DirectoryInfo(path).GetFiles();
        // Configurations of a few hundred bytes are parsed after they are verified.
        const long slack = 1 << 15;
        Assert.That(files.Count(file => file.Length > slack), Is.EqualTo(3), "weights, moments, tokenizer");
        Assert.That(count, Is.InRange(files.Sum(file => file.Length), files.Sum(file => file.Length) + slack));
        model.Load(backend, model.Layout, expected.AsVector());
        foreach (var loaded in withMoments ? [weights, moments] : new[] { weights })
            Assert.That(Contents(loaded).AsSpan().SequenceEqual(Contents(expected)), "every element is at its place");

        void LoadAll()
        {
            using var checkpoint = TrainingCheckpoint.Open(path);
            if (withMoments) checkpoint.Load(backend, model.Layout, new MasterWeights(weights.AsVector()), moments.AsVector(), moments.AsVector());
            else checkpoint.LoadParameters(backend, model.Layout, new MasterWeights(weights.AsVector()));
        }
    }

    /// <summary>A single file is preferred to shards, and one that somebody put there is not what training saved.</summary>
    [Test]
    public void AFileThatIsNotListedIsNotLoaded()
    {
        var path = Save(5);
        var manifest = Path.Combine(path, "checkpoint.json");
        File.Move(Path.Combine(path, "model.safetensors"), Path.Combine(path, "model-00001-of-00001.safetensors"));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(path).Dispose(), "model.safetensors is missing");
        File.Delete(manifest);
        var map = string.Join(",", Layout.Tensors.Select(tensor => $"\"{tensor.Name}\": \"model-00001-of-00001.safetensors\""));
        File.WriteAllText(Path.Combine(path, "model.safetensors.index.json"), $$"""{ "weight_map": { {{map}} } }""");
        CheckpointManifest.Write(path, 5, new Dictionary<string, ulong>());
        Load(path);
        File.Copy(Path.Combine(path, "model-00001-of-00001.safetensors"), Path.Combine(path, "model.safetensors"));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Load(path), "model.safetensors is none of its files");
    }

    [Test]
    public void TheManifestsNumbersAreCheckedToo()
    {
        var manifest = Path.Combine(Save(5), "checkpoint.json");
        var text = File.ReadAllText(manifest);
        File.WriteAllText(manifest, text.Replace("\"step\": 5", "\"step\": 6", StringComparison.Ordinal));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(directory["checkpoint-5"]).Dispose(), "checkpoint.json", "checksum");
        File.WriteAllText(manifest, text.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => TrainingCheckpoint.Open(directory["checkpoint-5"]).Dispose(), "version 2");
    }

    [Test]
    public void TheLatestIsTheHighestWholeStep()
    {
        Assert.That(TrainingCheckpoint.Latest(directory["nowhere"]), Is.Null);
        Assert.That(TrainingCheckpoint.Latest(directory.Path), Is.Null);
        Save(9);
        Save(10);
        Directory.CreateDirectory(directory["checkpoint-11"]);
        Directory.CreateDirectory(directory["checkpoint-best"]);
        Directory.CreateDirectory(directory[".checkpoint-12.tmp-0"]);
        Assert.That(TrainingCheckpoint.Latest(directory.Path), Is.EqualTo(directory["checkpoint-10"]));
    }

    [Test]
    public void RotationKeepsTheNewestAndTheBest()
    {
        for (var step = 8; step <= 12; step++) Save(step);
        Directory.CreateDirectory(directory[".checkpoint-13.tmp-0"]);
        TrainingCheckpoint.Rotate(directory.Path, null, null);
        Assert.That(directory.Names, Has.Length.EqualTo(6).And.None.Contains(".tmp-"));
        TrainingCheckpoint.Rotate(directory.Path, 3, directory["checkpoint-8"]);
        Assert.That(directory.Names, Is.EqualTo(new[] { "checkpoint-11", "checkpoint-12", "checkpoint-8", "source" }));
        TrainingCheckpoint.Rotate(directory.Path, 1, directory["checkpoint-8"]);
        Assert.That(directory.Names, Is.EqualTo(new[] { "checkpoint-12", "checkpoint-8", "source" }));
        TrainingCheckpoint.Rotate(directory.Path, 1, null);
        Assert.That(directory.Names, Is.EqualTo(new[] { "checkpoint-12", "source" }));
    }

    [Test]
    public void AFailedSaveLeavesNothing()
    {
        var read = ParameterTransfer.Reader(backend, Layout, arenas[0].AsVector());
        ErrorAssert.Throws(
            ExitCode.CannotWrite,
            () => TrainingCheckpoint.Save(
                directory.Path, 5, source.Template, Layout, read, read, read, (_, _, _) => throw new IOException("No space left on device"), SaveDataType.Auto, State),
            "No space left");
        Assert.That(directory.Names, Is.EqualTo(new[] { "source" }));
    }

    /// <summary>A process that is killed at some part of the weights or the moments: the checkpoint before stays, and the next save clears up.</summary>
    [Test]
    public void AKilledSaveLeavesTheOneBefore()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("a process is killed with SIGKILL");
        if (Environment.GetEnvironmentVariable(KilledDirectory) is { } output)
        {
            SaveUntilKilled(output, int.Parse(Environment.GetEnvironmentVariable(KilledPart)!, CultureInfo.InvariantCulture));
            return;
        }

        Save(1);
        var before = Files(directory["checkpoint-1"]);
        var tensors = Layout.Tensors.Count;
        int[] parts = [0, tensors - 1, tensors, (4 * tensors) - 1];
        for (var i = 0; i < parts.Length; i++)
        {
            using var temporary = new TemporaryDirectory();
            var child = TestProcess.Run(
                typeof(TrainingCheckpointTests), nameof(AKilledSaveLeavesTheOneBefore), (KilledDirectory, directory.Path), (KilledPart, $"{parts[i]}"), ("TMPDIR", temporary.Path));
            Assert.That(child.ExitCode, Is.EqualTo(Killed), child.Output);
            Assert.That(directory.Names.Count(name => name.StartsWith(".checkpoint-2.tmp-", StringComparison.Ordinal)), Is.EqualTo(i + 1));
            Assert.That(directory.Names, Does.Not.Contain("checkpoint-2"));
            Assert.That(TrainingCheckpoint.Latest(directory.Path), Is.EqualTo(directory["checkpoint-1"]));
            Assert.That(Files(directory["checkpoint-1"]), Is.EqualTo(before));
        }

        Assert.That(Loads(directory["checkpoint-1"]));
        Save(2);
        TrainingCheckpoint.Rotate(directory.Path, null, null);
        Assert.That(directory.Names, Is.EqualTo(new[] { "checkpoint-1", "checkpoint-2", "source" }));
    }

    private DeviceBuffer[] AllocateArenas() =>
        [.. Enumerable.Range(0, 3).Select(_ => backend.Allocate(DataType.Float32, Layout.ArenaLength, MemoryCategory.Weights, "arena"))];

    private void SaveUntilKilled(string output, int part)
    {
        var read = ParameterTransfer.Reader(backend, Layout, arenas[0].AsVector());
        var parts = 0;
        TrainingCheckpoint.Save(output, 2, source.Template, Layout, Read, Read, Read, Read, SaveDataType.Auto, State);

        void Read(string name, long start, Span<float> destination)
        {
            if (parts++ == part) Process.GetCurrentProcess().Kill();
            read(name, start, destination);
        }
    }

    private static string[] Files(string path) => [.. Directory.GetFiles(path).Order(StringComparer.Ordinal).Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}")];

    private string Save(int step, SaveDataType saveDataType = SaveDataType.Auto) => TrainingCheckpoint.Save(
        directory.Path, step, source.Template, backend, Layout, new MasterWeights(arenas[0].AsVector()), arenas[1].AsVector(), arenas[2].AsVector(), saveDataType, State);

    private void Load(string path)
    {
        using var checkpoint = TrainingCheckpoint.Open(path);
        checkpoint.Load(backend, Layout, new MasterWeights(scratch[0].AsVector()), scratch[1].AsVector(), scratch[2].AsVector());
    }

    private void LoadParameters(string path)
    {
        using var checkpoint = TrainingCheckpoint.Open(path);
        checkpoint.LoadParameters(backend, Layout, new MasterWeights(scratch[0].AsVector()));
    }

    private static long BytesRead()
    {
        var line = File.ReadLines("/proc/self/io").First(line => line.StartsWith("rchar: ", StringComparison.Ordinal));
        return long.Parse(line["rchar: ".Length..], CultureInfo.InvariantCulture);
    }

    private bool Loads(string path)
    {
        try
        {
            Load(path);
            return true;
        }
        catch (DftNativeException)
        {
            return false;
        }
    }

    private short[] Halves(Vector view)
    {
        var values = new short[view.Length];
        backend.Download(view, values.AsSpan());
        return values;
    }

    private int[] Contents(DeviceBuffer buffer)
    {
        var values = new float[buffer.Length];
        backend.Download(buffer.AsVector(), values);
        return [.. values.Select(BitConverter.SingleToInt32Bits)];
    }

    private sealed class Counter : IProgress<long>
    {
        public long Count { get; private set; }

        public void Report(long value) => Count += value;
    }
}
