using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

/// <summary>A server with a small model, an empty cache, and a locator that does not wait between attempts.</summary>
public abstract class HubTestBase
{
    protected const string Weights = "model.safetensors";

    private protected HubServer Server { get; private set; } = null!;

    private protected TemporaryDirectory Directory { get; private set; } = null!;

    private protected RecordingObserver Observer { get; set; } = null!;

    private protected List<TimeSpan> Delays { get; private set; } = null!;

    private protected HubOptions Options { get; set; } = null!;

    protected virtual string Cache => Directory["hub"];

    private protected string Snapshot => Path.Combine(Cache, "models--org--tiny", "snapshots", Server.Commit);

    [SetUp]
    public async Task StartServer()
    {
        (Directory, Observer, Delays, Server) = (new TemporaryDirectory(), new RecordingObserver(), [], await HubServer.StartAsync());
        Options = new HubOptions { Endpoint = new Uri(Server.Endpoint), CacheDirectory = Cache, StallTimeout = TimeSpan.FromSeconds(20) };
        Server.Files["config.json"] = "{\"model_type\": \"qwen2\"}"u8.ToArray();
        Server.Files["tokenizer.json"] = RandomBytes(3000, 1);
        Server.Files["tokenizer_config.json"] = "{\"chat_template\": \"{{ messages }}\"}"u8.ToArray();
        Server.Files[Weights] = RandomBytes(100_000, 2);
    }

    [TearDown]
    public async Task StopServer()
    {
        await Server.DisposeAsync();
        Directory.Dispose();
    }

    protected static byte[] RandomBytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private protected string Locate(HubFileSet files = HubFileSet.Model, string? revision = null, string model = HubServer.Model) =>
        new ModelLocator(() => Options, Observer, Wait).LocateAsync(model, revision, files).GetAwaiter().GetResult();

    private protected string BlobPath(string file) => Path.Combine(Cache, "models--org--tiny", "blobs", Server.Etag(file));

    /// <summary>The weights are there, whole, and nothing is left of their parts.</summary>
    private protected void AssertFetched()
    {
        Assert.That(File.ReadAllBytes(Path.Combine(Snapshot, Weights)), Is.EqualTo(Server.Files[Weights]));
        Assert.That(System.IO.Directory.GetFiles(Path.Combine(Cache, "models--org--tiny", "blobs"), "*.incomplete"), Is.Empty);
    }

    private Task Wait(TimeSpan delay, CancellationToken cancellationToken)
    {
        Delays.Add(delay);
        return Task.CompletedTask;
    }
}
