using DftNative.Tests.CommandLine;
using DftNative.Tests.Tokenizers;
using DftNative.Tests.Training;

namespace DftNative.Tests.Hub;

/// <summary>A model by name on the command line, in processes of its own.</summary>
public sealed class HubProcessTests : HubTestBase
{
    private TinyRun run = null!;

    protected override string Cache => Path.Combine(Directory["home"], "hub");

    [SetUp]
    public void ServeARealModel()
    {
        run = new TinyRun();
        Server.Files.Clear();
        foreach (var path in System.IO.Directory.GetFiles(run.ModelPath)) Server.Files[Path.GetFileName(path)] = File.ReadAllBytes(path);
        var rows = TinyRun.Rows(2).Select(row => $$"""{"input_ids": [{{string.Join(", ", row.InputIds)}}], "labels": [{{string.Join(", ", row.Labels)}}]}""");
        File.WriteAllLines(Directory["rows.jsonl"], rows);
    }

    [TearDown]
    public void RemoveModel() => run.Dispose();

    [Test]
    public void AProcessKilledHalfWayIsGoneOnWith()
    {
        const int half = 20_000;
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights } ? reply with { HangAt = half } : reply;
        using (var killed = Start())
        {
            var part = new FileInfo(BlobPath(Weights) + ".incomplete");
            while (killed.IsRunning && !(part.Exists && part.Length == half))
            {
                Thread.Sleep(10);
                part.Refresh();
            }

            Assert.That(killed.IsRunning, killed.Error);
            killed.Kill();
        }

        Server.Script = (_, reply) => reply;
        using var second = Start();
        Assert.That(second.Wait(), Is.Zero, second.Error);
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Select(request => request.From), Is.EqualTo(new long[] { 0, half }));
        Assert.That(second.Error, Does.Contain("fetching model.safetensors").And.Contain("20.0 kB are there"));

        Server.ClearRequests();
        using var third = Start();
        Assert.That(third.Wait(), Is.Zero, third.Error);
        Assert.That(Server.Requests, Is.Empty);
        Assert.That(third.Error, Does.Contain($"org/tiny at commit {Server.Commit}, from the cache"));
    }

    [Test]
    public void TwoProcessesFetchEveryFileOnce()
    {
        using var bothAreThere = new ManualResetEventSlim();
        Server.Script = (request, reply) =>
        {
            // The one that fetches is held until the other one has come to fetch too.
            if (request.Kind == "head" && Server.RequestsFor("head", request.File).Count() == 2) bothAreThere.Set();
            if (request.Kind is "resolve" or "storage") bothAreThere.Wait(TimeSpan.FromSeconds(30));
            return reply;
        };
        using var first = Start();
        using var second = Start();
        Assert.That((first.Wait(), second.Wait()), Is.EqualTo((0, 0)), first.Error + second.Error);
        AssertFetched();
        foreach (var file in Server.Files.Keys)
            Assert.That(Server.RequestsFor(file == Weights ? "storage" : "resolve", file).Count(), Is.EqualTo(1), file);
    }

    [Test]
    public void ErrorsAreOneLineAndExitStatus3()
    {
        Check("HF_HUB_OFFLINE", new() { ["HF_HUB_OFFLINE"] = "1" });
        Server.Script = (_, _) => HubReply.Error(403, "GatedRepo");
        Check("accept its licence", []);

        void Check(string message, Dictionary<string, string> environment)
        {
            using var process = Start(environment);
            Assert.That(process.Wait(), Is.EqualTo((int)ExitCode.InvalidInput), process.Error);
            var error = process.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(error, Has.Length.EqualTo(1));
            Assert.That(error[0], Does.StartWith("error: org/tiny").And.Contain(message));
        }
    }

    [Test]
    public void TokenizeFetchesNoWeights()
    {
        foreach (var path in System.IO.Directory.GetFiles(Fixtures.TokenizerDirectory, "*.json")) Server.Files[Path.GetFileName(path)] = File.ReadAllBytes(path);
        File.WriteAllText(Directory["text.txt"], "a\n");
        using var process = new CommandLineProcess(Variables([]), "tokenize", "--model", HubServer.Model, "--revision", Server.Commit, "--file", Directory["text.txt"]);
        Assert.That(process.Wait(), Is.Zero, process.Error);
        Assert.That(process.Output, Does.StartWith("["));
        Assert.That(Server.Requests.Select(request => request.File), Has.Member("tokenizer.json").And.No.Member(Weights));
    }

    private CommandLineProcess Start(Dictionary<string, string>? environment = null) =>
        new(Variables(environment ?? []), "check-gradients", "--model", HubServer.Model, "--data", Directory["rows.jsonl"], "--device", "cpu", "--threads", "1");

    private Dictionary<string, string> Variables(Dictionary<string, string> more) => new(more)
    {
        ["HF_ENDPOINT"] = Server.Endpoint,
        ["HF_HOME"] = Directory["home"],
        ["HF_HUB_CACHE"] = "",
        ["HUGGINGFACE_HUB_CACHE"] = "",
        ["HF_TOKEN"] = "",
    };
}
