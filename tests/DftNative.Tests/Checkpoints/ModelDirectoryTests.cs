using System.Text.Json.Nodes;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Tests.Checkpoints;

public sealed class ModelDirectoryTests
{
    private const string Embedding = "model.embed_tokens.weight";
    private const string Norm = "model.norm.weight";

    private TemporaryDirectory directory = null!;
    private string model = null!;

    [SetUp]
    public void MakeModel()
    {
        directory = new TemporaryDirectory();
        model = TinyModel.Create(directory, "model");
    }

    [TearDown]
    public void RemoveModel() => directory.Dispose();

    [Test]
    public void LoadsIntoAnArena([Values(DataType.Float32, DataType.BFloat16)] DataType arenaType, [Values(SaveDataType.Float32, SaveDataType.BFloat16)] SaveDataType stored)
    {
        var path = TinyModel.Create(directory, "stored", TinyModel.Configuration(ModelArchitecture.Llama), 5, stored);
        using var source = ModelDirectory.Open(path);
        Assert.That(source.SourceDataType, Is.EqualTo(stored == SaveDataType.Float32 ? DataType.Float32 : DataType.BFloat16));
        using var backend = new CpuBackend(2);
        using var buffer = backend.Allocate(arenaType, source.Layout.ArenaLength, MemoryCategory.Weights, "weights");
        source.Load(backend, source.Layout, buffer.AsVector());
        var read = ParameterTransfer.Reader(backend, source.Layout, buffer.AsVector());
        var asDouble = source.ReadAsDouble();
        Assert.That(asDouble.Keys, Is.EquivalentTo(source.Layout.Tensors.Select(tensor => tensor.Name)));
        foreach (var (name, (_, expected)) in TinyModel.ReadTensors(path))
        {
            var values = new float[expected.Length];
            read(name, 0, values);
            Assert.That(values, Is.EqualTo(arenaType == DataType.Float32 ? expected : [.. expected.Select(value => (float)(BFloat16)value)]));
            Assert.That(asDouble[name], Is.EqualTo(expected.Select(value => (double)value)));
        }
    }

    /// <summary>bf16 is copied, without low bits, the others split; more parts than there are buffers, and a tensor of several, the last of them short.</summary>
    [Test]
    public void AModelOfMixedTypesFillsSplitWeights([Values(SafetensorsDataType.F32, SafetensorsDataType.BF16, SafetensorsDataType.F16)] SafetensorsDataType embeddingType)
    {
        SafetensorsDataType[] types = [SafetensorsDataType.F32, SafetensorsDataType.BF16, SafetensorsDataType.F16];
        var json = TinyModel.Configuration();
        json["vocab_size"] = 140_001;
        var path = TinyModel.Create(directory, "mixed", json);
        TinyModel.WriteTensors(Path.Combine(path, "model.safetensors"), [.. TinyModel.ReadTensors(path).Values.Select((tensor, i) =>
            (tensor.Entry with { DataType = tensor.Entry.Name == Embedding ? embeddingType : types[i % 3] }, tensor.Values))]);
        using var source = ModelDirectory.Open(path);
        using var backend = new CpuBackend(2);
        using var weights = backend.Allocate(DataType.BFloat16, source.Layout.ArenaLength, MemoryCategory.Weights, "weights");
        using var low = backend.Allocate(DataType.Int16, source.Layout.ArenaLength, MemoryCategory.Master, "low");
        backend.Upload<short>([.. Enumerable.Repeat((short)0x5555, (int)low.Length)], low.AsVector());
        var split = new MasterWeights(weights.AsVector(), low.AsVector());
        var progress = new List<long>();
        source.Load(backend, source.Layout, split, new ListedProgress(progress));
        var read = ParameterTransfer.Reader(backend, source.Layout, split);
        foreach (var (name, (_, expected)) in TinyModel.ReadTensors(path))
        {
            var values = new float[expected.Length];
            read(name, 0, values);
            Assert.That(values.AsSpan().SequenceEqual(expected), name);
        }

        Assert.That(progress.Sum(), Is.EqualTo(source.Layout.ParameterCount));
        Assert.That(progress, Has.Count.GreaterThan(source.Layout.Tensors.Count), "the embedding is of several parts");
    }

    [Test]
    public void MissingFilesAreNamed()
    {
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(directory["nowhere"]), "no such model directory");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(directory.Path), "config.json");
        File.Delete(Path.Combine(model, "model.safetensors"));
        File.WriteAllText(Path.Combine(model, "pytorch_model.bin"), "");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), "model.safetensors", "pytorch_model.bin");
    }

    [Test]
    public void TensorsAreCheckedAgainstTheConfiguration()
    {
        Change(tensors => tensors.Remove(Norm));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), Norm, "missing");

        Change(tensors => tensors[Norm] = (new SafetensorsEntry(Norm, SafetensorsDataType.F32, [15]), new float[15]));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), Norm, "[15]", "[16]");

        Change(tensors => tensors[Norm] = (new SafetensorsEntry(Norm, SafetensorsDataType.F32, [16, 1]), new float[16]));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), Norm, "[16, 1]");

        Change(tensors =>
        {
            tensors[Norm] = (new SafetensorsEntry(Norm, SafetensorsDataType.BF16, [16]), new float[16]);
            tensors["model.layers.2.mlp.down_proj.weight"] = (new SafetensorsEntry("model.layers.2.mlp.down_proj.weight", SafetensorsDataType.F32, [1]), new float[1]);
        });
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), "model.layers.2.mlp.down_proj.weight", "not part of the model");
    }

    [Test]
    public void WrongTypesAreNamed()
    {
        // A BF16 file whose header says I16 is a well-formed file of the wrong type.
        var path = TinyModel.Create(directory, "typed", saveDataType: SaveDataType.BFloat16);
        var file = Path.Combine(path, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        var text = System.Text.Encoding.Latin1.GetString(bytes).Replace("\"BF16\"", "\"I16\" ", StringComparison.Ordinal);
        File.WriteAllBytes(file, System.Text.Encoding.Latin1.GetBytes(text));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(path), "I16", Embedding);
    }

    [Test]
    public void HarmlessExtrasAreIgnored()
    {
        const string Frequencies = "model.layers.0.self_attn.rotary_emb.inv_freq";
        Change(tensors => tensors[Frequencies] = (new SafetensorsEntry(Frequencies, SafetensorsDataType.F32, [2]), new float[2]));
        Open(model);
    }

    [Test]
    public void ATiedHeadMayBeStoredIfItIsTheEmbedding()
    {
        const string Head = "lm_head.weight";
        Change(tensors => tensors[Head] = (tensors[Embedding].Entry with { Name = Head }, tensors[Embedding].Values));
        Open(model);
        Change(tensors =>
        {
            tensors[Head].Values[^1] += 1;
        });
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), Head, "tie_word_embeddings");
    }

    [Test]
    public void AnUntiedModelNeedsItsHead()
    {
        var path = Path.Combine(model, "config.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false", StringComparison.Ordinal));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(model), "lm_head.weight", "tie_word_embeddings");
    }

    [Test]
    public void ShardsAreReadAsOne()
    {
        var sharded = Shard();
        Assert.That(Directory.GetFiles(sharded, "model-*.safetensors"), Has.Length.GreaterThan(3));
        using var one = ModelDirectory.Open(model);
        using var many = ModelDirectory.Open(sharded);
        Assert.That(many.ReadAsDouble(), Is.EqualTo(one.ReadAsDouble()));
    }

    [Test]
    public void IndexAndShardsMustAgree()
    {
        var sharded = Shard();
        var shards = Directory.GetFiles(sharded, "model-*.safetensors").Order(StringComparer.Ordinal).Select(path => Path.GetFileName(path)!).ToArray();
        ChangeIndex(sharded, map => map.Remove(Norm));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), Norm, "not in model.safetensors.index.json");

        sharded = Shard();
        ChangeIndex(sharded, map => map["model.ghost"] = shards[0]);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), "model.ghost", shards[0]);

        sharded = Shard();
        ChangeIndex(sharded, map => map[Embedding] = shards[^1]);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), Embedding, shards[^1]);

        foreach (var outside in new[] { "../model/model.safetensors", "/etc/passwd", "..", "", "sub/x.safetensors" })
        {
            sharded = Shard();
            ChangeIndex(sharded, map => map[Embedding] = outside);
            ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), Embedding, "not a file of this directory");
        }

        sharded = Shard();
        File.Delete(Path.Combine(sharded, shards[1]));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), shards[1], "missing");

        sharded = Shard();
        File.Copy(Path.Combine(sharded, shards[0]), Path.Combine(sharded, "again.safetensors"));
        ChangeIndex(sharded, map => map["model.ghost"] = "again.safetensors");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), Embedding);

        sharded = Shard();
        File.WriteAllText(Path.Combine(sharded, "model.safetensors.index.json"), $$"""{ "weight_map": { "{{Norm}}": "a", "{{Norm}}": "b" } }""");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), "index.json", Norm);

        File.WriteAllText(Path.Combine(sharded, "model.safetensors.index.json"), "{}");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), "weight_map");
    }

    [Test]
    public void ATruncatedShardIsNamed()
    {
        var sharded = Shard();
        var shard = Directory.GetFiles(sharded, "model-*.safetensors").Order(StringComparer.Ordinal).ElementAt(1);
        using (var file = new FileStream(shard, FileMode.Open)) file.SetLength(file.Length - 1);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Open(sharded), Path.GetFileName(shard), "truncated");
    }

    /// <summary>A mapping would end the process here.</summary>
    [Test]
    public void AShardThatShrinksBeforeItIsReadIsNamed()
    {
        var sharded = Shard();
        using var source = ModelDirectory.Open(sharded);
        using var backend = new CpuBackend(2);
        using var arena = backend.Allocate(DataType.Float32, source.Layout.ArenaLength, MemoryCategory.Weights, "weights");
        var shard = Directory.GetFiles(sharded, "model-*.safetensors").Order(StringComparer.Ordinal).ElementAt(1);
        using (var file = new FileStream(shard, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(file.Length / 2);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => source.Load(backend, source.Layout, arena.AsVector()), Path.GetFileName(shard), "shorter than it was");
    }

    /// <summary>Another model copied over this one: half of the weights would be of each.</summary>
    [Test]
    public void AShardThatIsWrittenOverWhileItIsReadIsNamed()
    {
        var sharded = Shard();
        using var source = ModelDirectory.Open(sharded);
        using var backend = new CpuBackend(2);
        using var arena = backend.Allocate(DataType.Float32, source.Layout.ArenaLength, MemoryCategory.Weights, "weights");
        source.Load(backend, source.Layout, arena.AsVector());
        var shard = Directory.GetFiles(sharded, "model-*.safetensors").Order(StringComparer.Ordinal).ElementAt(1);
        using (var file = new FileStream(shard, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Seek(-4, SeekOrigin.End);
            file.Write([1, 2, 3, 4]);
        }

        ErrorAssert.Throws(ExitCode.InvalidInput, () => source.Load(backend, source.Layout, arena.AsVector()), Path.GetFileName(shard), "changed while it was read");
    }

    private static void Open(string path) => ModelDirectory.Open(path).Dispose();

    private string Shard()
    {
        using var source = ModelDirectory.Open(model);
        ModelWriter.Save(directory["sharded"], source.Template, source.Layout, source.Read, SaveDataType.Auto, maxShardSizeInBytes: 4000);
        return directory["sharded"];
    }

    private void Change(Action<Dictionary<string, (SafetensorsEntry Entry, float[] Values)>> change)
    {
        var tensors = TinyModel.ReadTensors(model);
        change(tensors);
        TinyModel.WriteTensors(Path.Combine(model, "model.safetensors"), tensors.Values);
    }

    private static void ChangeIndex(string path, Action<JsonObject> change)
    {
        var file = Path.Combine(path, "model.safetensors.index.json");
        var index = JsonNode.Parse(File.ReadAllText(file))!;
        change((JsonObject)index["weight_map"]!);
        File.WriteAllText(file, index.ToJsonString());
    }

    private sealed class ListedProgress(List<long> values) : IProgress<long>
    {
        public void Report(long value) => values.Add(value);
    }
}
