using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

/// <summary>Every way in which a server or a network fails.</summary>
public sealed class DownloadFaultTests : HubTestBase
{
    [Test]
    public void ACutDownloadGoesOnWhereItWasCut()
    {
        Once("storage", Weights, reply => reply with { CutAt = 40_000 });
        Locate();
        AssertFetched();
        var (first, second) = (Server.RequestsFor("storage", Weights).First(), Server.RequestsFor("storage", Weights).Last());
        Assert.Multiple(() =>
        {
            Assert.That(Server.RequestsFor("storage", Weights).Count(), Is.EqualTo(2));
            Assert.That(first.From, Is.Zero);
            Assert.That(second.From, Is.EqualTo(40_000), "only the rest is fetched");
            Assert.That(Delays, Is.EqualTo(new[] { TimeSpan.FromSeconds(1) }));
        });
    }

    [TestCase("storage", Weights)]
    [TestCase("resolve", "config.json")]
    [TestCase("revision", "")]
    public void AConnectionThatIsResetIsTriedAgain(string kind, string file)
    {
        Once(kind, file, reply => reply with { CutAt = reply.Body.Length / 2, IsReset = true });
        Locate();
        AssertFetched();
        Assert.That(Observer.Warnings.Single(), Does.Contain("trying again in 1 s"));
    }

    [Test]
    public void AShortBodyIsCompleted()
    {
        Once("storage", Weights, reply => reply with { Body = reply.Body[..30_000] });
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Select(request => request.From), Is.EqualTo(new long[] { 0, 30_000 }));
    }

    [Test]
    public void AServerThatIgnoresTheRangeIsReadFromTheBeginning()
    {
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights }
            ? request.From == 0 ? reply with { CutAt = 40_000 } : new HubReply(200, [], Server.Files[Weights])
            : reply;
        Locate();
        AssertFetched();
    }

    [TestCase("bytes 7-99999/100000")]
    [TestCase("bytes 40000-99999/123456")]
    public void AnotherRangeThanTheOneAskedForIsNotTaken(string range)
    {
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights } && Server.RequestsFor("storage", Weights).Count() < 3
            ? request.From == 0 ? reply with { CutAt = 40_000 } : reply.With("Content-Range", range)
            : reply;
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Last().From, Is.Zero);
    }

    [Test]
    public void ARangeThatIsRefusedIsFetchedFromTheBeginning()
    {
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights }
            ? request.From == 0 && Delays.Count == 0 ? reply with { CutAt = 40_000 } : request.From > 0 ? HubReply.Error(416) : reply
            : reply;
        Locate();
        AssertFetched();
    }

    [Test]
    public void WrongBytesAreFetchedAnew()
    {
        Once("storage", Weights, reply => reply with { Body = RandomBytes(reply.Body.Length, 9) });
        Locate();
        AssertFetched();
        Assert.That(Observer.Warnings.Single(), Does.Contain(Weights).And.Contain("checksum"));
    }

    [TestCase(Weights, "storage")]
    [TestCase("config.json", "resolve")]
    public void WrongBytesAgainAreAnErrorAndNothingIsLeft(string file, string kind)
    {
        Server.Script = (request, reply) => request.Kind == kind && request.File == file ? reply with { Body = RandomBytes(reply.Body.Length, 9) } : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), file, "checksum");
        Assert.That(Server.RequestsFor(kind, file).Count(), Is.EqualTo(2));
        Assert.That(File.Exists(BlobPath(file)) || File.Exists(BlobPath(file) + ".incomplete"), Is.False);
    }

    [Test]
    public void APartThatIsSpoiltOnTheDiskIsFetchedAnew()
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(BlobPath(Weights))!);
        File.WriteAllBytes(BlobPath(Weights) + ".incomplete", RandomBytes(50_000, 9));
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Select(request => request.From), Is.EqualTo(new long[] { 50_000, 0 }));
    }

    [TestCase(100_000)]
    [TestCase(100_001)]
    public void APartAsLongAsTheFileOrLongerIsChecked(int length)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(BlobPath(Weights))!);
        File.WriteAllBytes(BlobPath(Weights) + ".incomplete", [.. Server.Files[Weights], .. new byte[length - 100_000]]);
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Count(), Is.EqualTo(length - 100_000));
    }

    [Test]
    public void AConnectionThatIsAlwaysCutIsGivenUpAndWhatCameIsKept()
    {
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights } ? reply with { CutAt = 1000 } : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "6 attempts");
        Assert.That(Delays.Select(delay => delay.TotalSeconds), Is.EqualTo(new[] { 1.0, 2, 4, 8, 8 }));
        Assert.That(new FileInfo(BlobPath(Weights) + ".incomplete").Length, Is.EqualTo(6000));
        Server.Script = (_, reply) => reply;
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Last().From, Is.EqualTo(6000));
    }

    [Test]
    public void AConnectionThatIsCutAfterEveryMegabyteGetsThere()
    {
        Server.Files[Weights] = RandomBytes(10 << 20, 7);
        Server.Script = (request, reply) => request is { Kind: "storage", File: Weights } ? reply with { CutAt = 5 << 18 } : reply;
        Locate();
        AssertFetched();
        Assert.That(Delays, Is.EqualTo(Enumerable.Repeat(TimeSpan.FromSeconds(1), 8)).Or.EqualTo(Enumerable.Repeat(TimeSpan.FromSeconds(1), 7)));
    }

    [Test]
    public void ASilentServerCountsAsCut()
    {
        Options = Options with { StallTimeout = TimeSpan.FromSeconds(1) };
        Once("storage", Weights, reply => reply with { HangAt = 40_000 });
        Locate();
        AssertFetched();
        Assert.That(Observer.Warnings.Single(), Does.Contain("silent"));
    }

    [TestCase("revision", "")]
    [TestCase("head", "config.json")]
    [TestCase("head", Weights)]
    [TestCase("storage", Weights)]
    public void ABusyServerIsAskedAgainWhenItSays(string kind, string file)
    {
        var replies = new Queue<HubReply>([HubReply.Error(500), HubReply.Error(429).With("Retry-After", "17"), HubReply.Error(429).With("RateLimit", "\"api\";r=0;t=55")]);
        Server.Script = (request, reply) => request.Kind == kind && request.File == file && replies.TryDequeue(out var busy) ? busy : reply;
        Locate();
        AssertFetched();
        Assert.That(Delays.Select(delay => delay.TotalSeconds), Is.EqualTo(new[] { 1.0, 17, 55 }));
    }

    [TestCase(500)]
    [TestCase(429)]
    public void AServerThatStaysBusyIsAnError(int status)
    {
        Server.Script = (_, _) => HubReply.Error(status);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), $"{status}", "6 attempts");
        Assert.That(Server.Requests, Has.Count.EqualTo(6));
    }

    [Test]
    public void AServerThatAsksForAnHourIsNotWaitedFor()
    {
        Server.Script = (_, _) => HubReply.Error(429).With("Retry-After", "3600");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "429", "3600 s");
        Assert.That(Delays, Is.Empty);
    }

    [TestCase("revision", "", 401, null, "no such directory", "accept its licence", "HF_TOKEN")]
    [TestCase("revision", "", 401, "RepoNotFound", "no such directory", "HF_TOKEN")]
    [TestCase("revision", "", 403, null, "accept its licence", "HF_TOKEN")]
    [TestCase("head", "config.json", 401, "GatedRepo", "accept its licence", "HF_TOKEN", "/org/tiny")]
    [TestCase("head", "config.json", 403, "GatedRepo", "accept its licence", "HF_TOKEN")]
    [TestCase("revision", "", 404, "RepoNotFound", "no such directory", "no such model", "private")]
    [TestCase("revision", "", 404, "RevisionNotFound", "revision 'main'")]
    [TestCase("head", "config.json", 404, "EntryNotFound", "no config.json")]
    [TestCase("resolve", "config.json", 404, null, "no config.json")]
    [TestCase("storage", Weights, 403, null, "403")]
    public void ARefusalIsOneLineAndNotTriedAgain(string kind, string file, int status, string? code, params string[] mentions)
    {
        Server.Script = (request, reply) => request.Kind == kind && request.File == file ? HubReply.Error(status, code) : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), ["org/tiny", .. mentions]);
        Assert.That(Server.RequestsFor(kind, file).Count(), Is.EqualTo(1));
    }

    [Test]
    public void ATokenThatIsRefusedIsNamedAndNeverShown()
    {
        Options = Options with { Token = "hf_secret" };
        Server.Script = (_, _) => HubReply.Error(401, null, "Invalid credentials in Authorization header");
        var error = Assert.Throws<DftNativeException>(() => Locate())!;
        Assert.That(error.Message, Does.Contain("token").And.Contain("HF_TOKEN").And.Not.Contain("hf_secret"));
    }

    [Test]
    public void TheTokenGoesToTheHubAndNowhereElse()
    {
        Options = Options with { Token = "hf_secret" };
        Locate();
        Assert.Multiple(() =>
        {
            Assert.That(Server.Requests.Where(request => request.Kind != "storage").Select(request => request.Authorization), Is.All.EqualTo("Bearer hf_secret"));
            Assert.That(Server.Requests.Where(request => request.Kind == "storage").Select(request => request.Authorization), Is.Not.Empty.And.All.Null);
        });
    }

    [Test]
    public void TheTokenDoesNotComeBackFromElsewhere()
    {
        Options = Options with { Token = "hf_secret" };
        Server.Files["generation_config.json"] = [1, 2, 3];
        Server.Script = (request, reply) => (request.Kind, request.File) switch
        {
            ("resolve", "config.json") => HubReply.Error(302).With("Location", $"{Server.Storage}/storage/config.json"),
            ("storage", "config.json") => HubReply.Error(302).With("Location", $"{Server.Endpoint}/org/tiny/resolve/{Server.Commit}/generation_config.json"),
            _ => reply,
        };
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "config.json");
        Assert.That(Server.RequestsFor("resolve", "generation_config.json").First().Authorization, Is.Null);
    }

    [Test]
    public void ARenamedModelIsFollowedWithTheToken()
    {
        Options = Options with { Token = "hf_secret" };
        Server.Script = (request, reply) => request.Authorization is null && request.Kind != "storage" ? HubReply.Error(401) : reply;
        var original = Server.Script;
        Server.Script = (request, reply) => request.Kind == "revision" && Server.Requests.Count == 1
            ? HubReply.Error(307).With("Location", "/api/models/org/tiny/revision/main")
            : original(request, reply);
        Locate(model: "org/formerly");
        Assert.That(File.ReadAllBytes(Path.Combine(Cache, "models--org--formerly", "snapshots", Server.Commit, "config.json")), Is.EqualTo(Server.Files["config.json"]));
    }

    [Test]
    public void ACircleOfRedirectsIsAnError()
    {
        Server.Script = (_, _) => HubReply.Error(302).With("Location", "/api/models/org/tiny/revision/main");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "redirected");
    }

    [Test]
    public void AServerThatIsNoHubIsSaidToBeNone()
    {
        Server.Script = (request, reply) => request.Kind == "revision" ? new HubReply(200, [], "<html>please log in</html>"u8.ToArray()) : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "not valid JSON");
        Server.Script = (request, reply) => request.Kind == "revision" ? new HubReply(200, [], "{\"sha\": \"../../x\", \"siblings\": []}"u8.ToArray()) : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "HF_ENDPOINT");
        Server.Script = (request, reply) => request.Kind == "head" ? reply.With("ETag", "\"../../evil\"").With("X-Linked-Etag", "\"../../evil\"") : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "no checksum");
        Server.Script = (request, reply) => request.Kind == "head" ? reply.With("X-Repo-Commit", new string('c', 40)) : reply;
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "commit");
    }

    [Test]
    public void AServerThatIsNotThereIsAnError()
    {
        Options = Options with { Endpoint = new Uri("http://127.0.0.1:1") };
        ErrorAssert.Throws(ExitCode.InvalidInput, () => Locate(), "127.0.0.1:1", "6 attempts");
    }

    [Test]
    public async Task ACancelledDownloadEndsAndIsGoneOnWith()
    {
        using var stop = new CancellationTokenSource();
        Observer = new RecordingObserver { Progress = (file, present) => { if (file == Weights && present >= 40_000) stop.Cancel(); } };
        Once("storage", Weights, reply => reply with { HangAt = 40_000 });
        var locator = new ModelLocator(() => Options, Observer);
        await Assert.ThatAsync(() => locator.LocateAsync(HubServer.Model, null, HubFileSet.Model, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Locate();
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Last().From, Is.EqualTo(40_000));
    }

    [Test]
    public async Task TwoAtOnceFetchEveryFileOnce()
    {
        Server.Files[Weights] = RandomBytes(4 << 20, 5);
        var locators = Enumerable.Range(0, 4).Select(_ => Task.Run(() => new ModelLocator(() => Options, Observer).LocateAsync(HubServer.Model, null, HubFileSet.Model)));
        Assert.That(await Task.WhenAll(locators), Is.All.EqualTo(Snapshot));
        AssertFetched();
        Assert.That(Server.RequestsFor("storage", Weights).Count(), Is.EqualTo(1));
        Assert.That(Server.RequestsFor("resolve", "config.json").Count(), Is.EqualTo(1));
    }

    /// <summary>Changes the first answer to such a request.</summary>
    private void Once(string kind, string file, Func<HubReply, HubReply> change)
    {
        var isDone = 0;
        Server.Script = (request, reply) => request.Kind == kind && request.File == file && Interlocked.Exchange(ref isDone, 1) == 0 ? change(reply) : reply;
    }
}
