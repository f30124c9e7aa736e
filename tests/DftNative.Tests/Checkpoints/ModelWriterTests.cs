using System.Text.Json.Nodes;
using DftNative.Backends;
using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Models;

namespace DftNative.Tests.Checkpoints;

public sealed class ModelWriterTests
{
    private TemporaryDirectory directory = null!;

    [SetUp]
    public void MakeDirectory() => directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => directory.Dispose();

    [Test]
    public void AModelComesBackAsItWas([Values] ModelArchitecture architecture, [Values] SaveDataType saveDataType)
    {
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source", TinyModel.Configuration(architecture)));
        using var backend = new CpuBackend(2);
        using var buffer = backend.Allocate(DataType.Float32, source.Layout.ArenaLength, MemoryCategory.Weights, "weights");
        source.Load(backend, source.Layout, buffer.AsVector());
        ModelWriter.Save(directory["saved"], source.Template, backend, source.Layout, new MasterWeights(buffer.AsVector()), saveDataType);

        using var saved = ModelDirectory.Open(directory["saved"]);
        Assert.That(saved.Configuration, Is.EqualTo(source.Configuration with { EosTokenIds = saved.Configuration.EosTokenIds }));
        var isNarrow = saveDataType == SaveDataType.BFloat16;
        Assert.That(saved.SourceDataType, Is.EqualTo(isNarrow ? DataType.BFloat16 : DataType.Float32));
        var (before, after) = (source.ReadAsDouble(), saved.ReadAsDouble());
        foreach (var (name, values) in before)
            Assert.That(after[name], Is.EqualTo(isNarrow ? [.. values.Select(value => (double)(float)(BFloat16)(float)value)] : values), name);
        Assert.That(Directory.GetFiles(directory["saved"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "config.json", "model.safetensors", "tokenizer.json" }));
        using var file = SafetensorsFile.Open(Path.Combine(directory["saved"], "model.safetensors"));
        Assert.That(file.Metadata["format"], Is.EqualTo("pt"));
        Assert.That(directory.Names, Is.EqualTo(new[] { "saved", "source" }), "nothing temporary is left");
    }

    [TestCase("torch_dtype", "4.51.0")]
    [TestCase("dtype", "5.0.0")]
    public void TheConfigurationIsCarriedOverInItsOwnSpelling(string field, string version)
    {
        var json = TinyModel.Configuration();
        json.Remove("torch_dtype");
        json[field] = "float32";
        json["transformers_version"] = version;
        json["my_field"] = "größer";
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source", json));
        ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.BFloat16);
        var saved = (JsonObject)JsonNode.Parse(File.ReadAllText(Path.Combine(directory["saved"], "config.json")))!;
        json[field] = "bfloat16";
        Assert.That(JsonNode.DeepEquals(saved, json), Is.True, saved.ToJsonString());
    }

    [Test]
    public void AHalfPrecisionModelStaysOne()
    {
        var json = TinyModel.Configuration();
        json["torch_dtype"] = "float16";
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source", json));
        Assert.That(source.SourceDataType, Is.EqualTo(DataType.Float16));
        ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.Auto);
        Assert.That(File.ReadAllBytes(Path.Combine(directory["saved"], "model.safetensors")), Is.EqualTo(File.ReadAllBytes(Path.Combine(source.Path, "model.safetensors"))));
        ErrorAssert.Throws(
            ExitCode.CannotWrite,
            () => ModelWriter.Save(directory["saved"], source.Template, source.Layout, (_, _, destination) => destination.Fill(70000), SaveDataType.Auto),
            "70000", "float16", "save_dtype");
    }

    [Test]
    public void LargeModelsAreSplit()
    {
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source"));
        ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.Auto, maxShardSizeInBytes: 3000);
        var index = JsonNode.Parse(File.ReadAllText(Path.Combine(directory["saved"], "model.safetensors.index.json")))!;
        Assert.That((long)index["metadata"]!["total_size"]!, Is.EqualTo(source.Layout.ParameterCount * sizeof(float)));
        var files = Directory.GetFiles(directory["saved"], "*.safetensors").Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        Assert.That(files[0], Is.EqualTo($"model-00001-of-{files.Length:D5}.safetensors"));
        foreach (var file in files)
        {
            using var shard = SafetensorsFile.Open(Path.Combine(directory["saved"], file!));
            Assert.That(shard.Tensors.Values.Sum(tensor => tensor.SizeInBytes), Is.LessThanOrEqualTo(3000).And.Positive);
        }
    }

    [Test]
    public void AFailureLeavesWhatWasThere()
    {
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source"));
        ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.Auto);
        var before = File.ReadAllBytes(Path.Combine(directory["saved"], "model.safetensors"));
        TensorReader failing = (name, _, _) =>
        {
            if (name == "model.norm.weight") throw new IOException("No space left on device");
        };
        ErrorAssert.Throws(
            ExitCode.CannotWrite, () => ModelWriter.Save(directory["saved"], source.Template, source.Layout, failing, SaveDataType.Auto), "cannot be written", "No space left");
        Assert.That(File.ReadAllBytes(Path.Combine(directory["saved"], "model.safetensors")), Is.EqualTo(before));
        Assert.That(directory.Names, Is.EqualTo(new[] { "saved", "source" }), "nothing temporary is left");

        File.WriteAllText(directory["file"], "");
        ErrorAssert.Throws(ExitCode.CannotWrite, () => ModelWriter.Save(Path.Combine(directory["file"], "x"), source.Template, source.Layout, source.Read, SaveDataType.Auto), "cannot be written");
    }

    [Test]
    public void AnEarlierModelIsReplacedWhole()
    {
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source"));
        Directory.CreateDirectory(directory["saved"]);
        File.WriteAllText(Path.Combine(directory["saved"], "old"), "");
        ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.Auto);
        Assert.That(File.Exists(Path.Combine(directory["saved"], "old")), Is.False);
        Assert.That(directory.Names, Is.EqualTo(new[] { "saved", "source" }));
    }

    /// <summary>The two exchange their names: at no moment is the earlier one put aside, and a process that is killed leaves one of them.</summary>
    [Test]
    public void AnEarlierModelIsThereUntilTheNewOneIs()
    {
        if (!OperatingSystem.IsLinux()) Assert.Ignore("only Linux exchanges directories at one moment");
        using var source = ModelDirectory.Open(TinyModel.Create(directory, "source"));
        Save();
        using var allSeen = new ManualResetEventSlim();
        var names = new List<string?>();
        using var watcher = new FileSystemWatcher(directory.Path) { NotifyFilter = NotifyFilters.DirectoryName | NotifyFilters.FileName };
        watcher.Renamed += (_, change) => names.AddRange([change.OldName, change.Name]);
        watcher.Created += (_, change) =>
        {
            if (change.Name == "last") allSeen.Set();
        };
        watcher.EnableRaisingEvents = true;
        Save();
        File.WriteAllText(directory["last"], "");
        Assert.That(allSeen.Wait(TimeSpan.FromMinutes(1)));
        Assert.That(names, Does.Contain("saved").And.None.EndsWith("-old"));
        Assert.That(directory.Names, Is.EqualTo(new[] { "last", "saved", "source" }));

        void Save() => ModelWriter.Save(directory["saved"], source.Template, source.Layout, source.Read, SaveDataType.Auto);
    }

    [Test]
    public void InitialWeightsAreNormalAndRepeatable()
    {
        var configuration = TinyModel.Read(TinyModel.Configuration()) with { VocabularySize = 2000, HiddenSize = 64 };
        var layout = new ParameterLayout(configuration);
        var initializer = new ModelInitializer(layout, 0.02, seed: 7);
        var values = new float[2000 * 64];
        initializer.Read("model.embed_tokens.weight", 0, values);
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (double)value * value));
        var kurtosis = values.Average(value => Math.Pow(value, 4)) / Math.Pow(deviation, 4);
        // 128000 samples: the standard errors are 5.6e-5, 4e-5 and 0.014.
        Assert.That(mean, Is.EqualTo(0).Within(3e-4));
        Assert.That(deviation, Is.EqualTo(0.02).Within(2e-4));
        Assert.That(kurtosis, Is.EqualTo(3).Within(0.07));
        Assert.That(values.Zip(values.Skip(1), (a, b) => (double)a * b).Average() / (deviation * deviation), Is.EqualTo(0).Within(0.015), "neighbours are independent");

        var slice = new float[100];
        initializer.Read("model.embed_tokens.weight", 333, slice);
        Assert.That(slice, Is.EqualTo(values[333..433]), "a value depends on its index alone");
        initializer.Read("model.layers.0.self_attn.o_proj.weight", 333, slice);
        Assert.That(slice, Is.Not.EqualTo(values[333..433]));
        new ModelInitializer(layout, 0.02, seed: 8).Read("model.embed_tokens.weight", 333, slice);
        Assert.That(slice, Is.Not.EqualTo(values[333..433]));
        initializer.Read("model.norm.weight", 0, slice.AsSpan(0, 64));
        Assert.That(slice[..64], Is.All.EqualTo(1));
        initializer.Read("model.layers.0.self_attn.q_proj.bias", 0, slice.AsSpan(0, 16));
        Assert.That(slice[..16], Is.All.Zero);
    }
}
