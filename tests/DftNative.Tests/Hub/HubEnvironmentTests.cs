using DftNative.Hub;
using DftNative.Tests.Checkpoints;

namespace DftNative.Tests.Hub;

public sealed class HubEnvironmentTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Test]
    public void TheCachesPlaceFollowsTheVariablesInTheirOrder()
    {
        var variables = new Dictionary<string, string>();
        Check(Path.Combine(Home, ".cache", "huggingface", "hub"));
        variables["XDG_CACHE_HOME"] = "/xdg";
        Check("/xdg/huggingface/hub");
        variables["HF_HOME"] = "~/hf";
        Check(Path.Combine(Home, "hf", "hub"));
        variables["HUGGINGFACE_HUB_CACHE"] = "/old";
        Check("/old");
        variables["HF_HUB_CACHE"] = "/new";
        Check("/new");
        variables["HF_HUB_CACHE"] = "";
        Check("/old");

        void Check(string expected) => Assert.That(HubEnvironment.Read(variables.GetValueOrDefault).CacheDirectory, Is.EqualTo(Path.GetFullPath(expected)));
    }

    [Test]
    public void TheTokenIsTheVariablesOrElseTheFiles()
    {
        using var directory = new TemporaryDirectory();
        var variables = new Dictionary<string, string> { ["HF_HOME"] = directory.Path };
        Check(null);
        File.WriteAllText(directory["token"], "hf_file\n");
        Check("hf_file");
        File.WriteAllText(directory["elsewhere"], " \n");
        variables["HF_TOKEN_PATH"] = directory["elsewhere"];
        Check(null);
        variables["HF_TOKEN"] = " hf_variable\r\n";
        Check("hf_variable");

        void Check(string? expected) => Assert.That(HubEnvironment.Read(variables.GetValueOrDefault).Token, Is.EqualTo(expected));
    }

    [TestCase("1", true)]
    [TestCase("yes", true)]
    [TestCase("True", true)]
    [TestCase("0", false)]
    [TestCase("", false)]
    public void OfflineIsHuggingFacesNotionOfTrue(string value, bool expected) =>
        Assert.That(HubEnvironment.Read(name => name == "HF_HUB_OFFLINE" ? value : null).IsOffline, Is.EqualTo(expected));

    [Test]
    public void TheTokenIsNotPartOfTheText() =>
        Assert.That(HubEnvironment.Read(name => name == "HF_TOKEN" ? "hf_secret" : null).ToString(), Does.Not.Contain("hf_secret"));

    [Test]
    public void TheEndpointLosesItsSlash() =>
        Assert.That(HubEnvironment.Read(name => name == "HF_ENDPOINT" ? "http://mirror:81/hf/" : null).Endpoint.ToString(), Is.EqualTo("http://mirror:81/hf"));

    [TestCase("HF_ENDPOINT", "mirror")]
    [TestCase("HF_ENDPOINT", "file:///etc")]
    [TestCase("HF_HUB_DOWNLOAD_TIMEOUT", "soon")]
    [TestCase("HF_TOKEN", "hf_one\nhf_two")]
    public void AValueThatCannotBeIsAUsageError(string variable, string value) =>
        ErrorAssert.Throws(ExitCode.Usage, () => HubEnvironment.Read(name => name == variable ? value : null), variable);
}
