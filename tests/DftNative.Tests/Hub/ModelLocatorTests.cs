using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

/// <summary>Finding and fetching where nothing goes wrong, and what is said where there is nothing to find.</summary>
public sealed class ModelLocatorTests : HubTestBase
{
    private string Folder => Path.Combine(Cache, "models--org--tiny");

    [Test]
    public void AModelIsFetchedOnceIntoHuggingFacesLayout()
    {
        Server.Files["README.md"] = [1];
        Server.Files["pytorch_model.bin"] = [2];
        Server.Files["original/consolidated.safetensors"] = [3];
        Server.Files["model.gguf"] = [4];
        var path = Locate();
        Assert.Multiple(() =>
        {
            Assert.That(path, Is.EqualTo(Snapshot));
            Assert.That(Names(path), Is.EqualTo(new[] { "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json" }));
            foreach (var file in Names(path))
            {
                Assert.That(File.ReadAllBytes(Path.Combine(path, file)), Is.EqualTo(Server.Files[file]));
                Assert.That(new FileInfo(Path.Combine(path, file)).LinkTarget, Is.EqualTo($"../../blobs/{Server.Etag(file)}"));
            }

            Assert.That(Names(Path.Combine(Folder, "blobs")), Has.Length.EqualTo(4));
            Assert.That(File.ReadAllText(Path.Combine(Folder, "refs", "main")), Is.EqualTo(Server.Commit));
            Assert.That(Observer.Finished, Is.EquivalentTo(Names(path)));
        });

        Server.ClearRequests();
        Assert.That(Locate(), Is.EqualTo(path));
        Assert.That(Locate(revision: Server.Commit), Is.EqualTo(path));
        Assert.That(Server.Requests, Is.Empty, "what is in the cache is not asked for again");
        Assert.That(Observer.Cached, Is.EqualTo(new[] { $"org/tiny@{Server.Commit}", $"org/tiny@{Server.Commit}" }));
    }

    [Test]
    public void TheTokenizerAloneIsFetchedWithoutWeightsAndTheModelLaterWithoutTheTokenizer()
    {
        Locate(HubFileSet.Tokenizer);
        Assert.That(Names(Snapshot), Is.EqualTo(new[] { "config.json", "tokenizer.json", "tokenizer_config.json" }));
        Server.ClearRequests();
        Locate(HubFileSet.Tokenizer);
        Assert.That(Server.Requests, Is.Empty);
        Locate();
        AssertFetched();
        Assert.That(Server.Requests.Select(request => request.File).Distinct(), Is.EqualTo(new[] { "", Weights }));
    }

    [Test]
    public void ShardsAreThoseOfTheIndex()
    {
        Server.Files.Remove(Weights, out _);
        Server.Files["model.safetensors.index.json"] = """{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"""u8.ToArray();
        Server.Files["model-00001-of-00002.safetensors"] = RandomBytes(5000, 3);
        Server.Files["model-00002-of-00002.safetensors"] = RandomBytes(6000, 4);
        Server.Files["model-00003-of-00003.safetensors"] = RandomBytes(6000, 5);
        Locate();
        Assert.That(Names(Snapshot).Where(file => file.EndsWith(".safetensors", StringComparison.Ordinal)), Is.EqualTo(new[] { "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors" }));
        Server.ClearRequests();
        Locate();
        Assert.That(Server.Requests, Is.Empty);
    }

    [TestCase("""{"weight_map": {"a": "missing.safetensors"}}""", "missing.safetensors")]
    [TestCase("""{"weight_map": {"a": "pytorch_model.bin"}}""", "no safetensors")]
    [TestCase("""{"weight_map": {"a": "../../evil.safetensors"}}""", "evil")]
    [TestCase("not JSON", "JSON")]
    public void AnIndexThatCannotBeIsAnError(string index, string mention)
    {
        Server.Files.Remove(Weights, out _);
        Server.Files["pytorch_model.bin"] = [1];
        Server.Files["model.safetensors.index.json"] = System.Text.Encoding.UTF8.GetBytes(index);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), mention);
    }

    [Test]
    public void AModelWithoutSafetensorsIsAnErrorBeforeAnythingIsFetched()
    {
        Server.Files.Remove(Weights, out _);
        Server.Files["pytorch_model.bin"] = [1];
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "no model.safetensors");
        Assert.That(Server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void ADirectoryGoesBeforeAName()
    {
        var before = Environment.CurrentDirectory;
        try
        {
            Environment.CurrentDirectory = Directory.Path;
            System.IO.Directory.CreateDirectory(Path.Combine("org", "tiny"));
            Assert.That(Locate(), Is.EqualTo("org/tiny"));
            Assert.That(Server.Requests, Is.Empty);
            ErrorAssert.Throws(ExitCode.Usage, () => Locate(revision: "main"), "is a directory");
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
    }

    [TestCase("./no/such/model")]
    [TestCase("/no/such/model")]
    [TestCase("a/b/c")]
    public void WhatIsNeitherIsSaidToBeNeither(string model)
    {
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(model: model), model, "no such directory", "no name of a Hugging Face model");
        Assert.That(Server.Requests, Is.Empty);
    }

    [Test]
    public void OfflineTakesWhatIsInTheCacheAndNothingElse()
    {
        Options = Options with { IsOffline = true };
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "no such directory", "in the cache", "HF_HUB_OFFLINE");
        Options = Options with { IsOffline = false };
        Locate(HubFileSet.Tokenizer);
        Options = Options with { IsOffline = true };
        Server.ClearRequests();
        Assert.That(Locate(HubFileSet.Tokenizer), Is.EqualTo(Snapshot));
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "HF_HUB_OFFLINE");
        Assert.That(Server.Requests, Is.Empty);
    }

    [Test]
    public void WhatAnotherToolLeftInTheCacheIsUsedAndCompleted()
    {
        System.IO.Directory.CreateDirectory(Snapshot);
        System.IO.Directory.CreateDirectory(Path.Combine(Folder, "refs"));
        File.WriteAllText(Path.Combine(Folder, "refs", "main"), Server.Commit);
        foreach (var file in new[] { "config.json", Weights }) File.WriteAllBytes(Path.Combine(Snapshot, file), Server.Files[file]);

        // The tokenizer may be missing because the model has none: only the Hub knows.
        Options = Options with { IsOffline = true };
        Assert.That(Locate(), Is.EqualTo(Snapshot));
        Options = Options with { IsOffline = false };
        Server.Script = (_, _) => HubReply.Error(503);
        Assert.That(Locate(), Is.EqualTo(Snapshot));
        Assert.That(Observer.Warnings.Single(), Does.Contain("503").And.Contain(Server.Commit));
        Assert.That(Server.Requests, Has.Count.EqualTo(1), "with something to fall back on it is not tried again");

        Server.Script = (_, reply) => reply;
        Locate();
        Assert.That(Observer.Finished, Is.EquivalentTo(new[] { "tokenizer.json", "tokenizer_config.json" }));
    }

    [Test]
    public void AModelWithoutATokenizerIsComplete()
    {
        Server.Files.Remove("tokenizer.json", out _);
        Server.Files.Remove("tokenizer_config.json", out _);
        Locate();
        Server.ClearRequests();
        Locate();
        Locate(HubFileSet.Tokenizer);
        Assert.That(Server.Requests, Is.Empty);
    }

    [Test]
    public void ABranchStaysWhereItWasAndACommitIsFetchedBesideIt()
    {
        var (first, oldCommit) = (Locate(), Server.Commit);
        Server.Commit = new string('b', 40);
        Server.Files["config.json"] = "{\"model_type\": \"qwen3\"}"u8.ToArray();
        Assert.That(Locate(), Is.EqualTo(first));
        Server.ClearRequests();
        var second = Locate(revision: Server.Commit);
        Assert.That(File.ReadAllText(Path.Combine(second, "config.json")), Does.Contain("qwen3"));
        Assert.That(File.ReadAllText(Path.Combine(first, "config.json")), Does.Contain("qwen2"));
        Assert.That(Server.RequestsFor("storage", Weights), Is.Empty, "contents that both have are fetched once");
        Assert.That(File.ReadAllText(Path.Combine(Folder, "refs", "main")), Is.EqualTo(oldCommit));
    }

    [Test]
    public void ALinkWhoseBlobIsGoneIsMended()
    {
        Locate();
        File.Delete(BlobPath(Weights));
        Locate();
        AssertFetched();
    }

    private static string[] Names(string directory) => [.. new DirectoryInfo(directory).GetFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)];
}
