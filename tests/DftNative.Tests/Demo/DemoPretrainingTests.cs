using DftNative.Backends.Cpu;
using DftNative.Checkpoints;
using DftNative.Demo;
using DftNative.Tokenizers;

namespace DftNative.Tests.Demo;

public sealed class DemoPretrainingTests
{
    private string parent = "";

    [SetUp]
    public void CreateDirectory() => parent = Directory.CreateTempSubdirectory("dftnative-tests-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(parent, recursive: true);

    [Test]
    public void PretrainingIsBitwiseTheSameWhateverTheThreads() =>
        Assert.That(Pretrain(threads: 2), Is.EqualTo(Pretrain(threads: 1)));

    [Test]
    public void TheBuiltInModelIsASmallModelDirectoryWithATokenizerOfSingleCharacters()
    {
        DemoAssets.Extract(parent);

        using var model = ModelDirectory.Open(parent);
        var tokenizer = Tokenizer.Load(parent);
        var text = "4827+1956=" + WorkedAddition.Solve(new AdditionProblem(4827, 1956));
        var ids = tokenizer.Encode(text + "<|endoftext|>");
        Assert.Multiple(() =>
        {
            Assert.That(model.Warnings, Is.Empty);
            Assert.That(model.Configuration.HeadDimension, Is.EqualTo(64));
            Assert.That(new FileInfo(Path.Combine(parent, "model.safetensors")).Length, Is.LessThan(4 << 20));
            Assert.That(ids, Has.Length.EqualTo(text.Length + 1).And.All.LessThan(model.Configuration.VocabularySize));
            Assert.That(ids[^1], Is.EqualTo(tokenizer.EosTokenId));
            Assert.That(model.Configuration.EosTokenIds, Is.EqualTo(new[] { tokenizer.EosTokenId }));
            Assert.That(tokenizer.Decode(ids, skipSpecialTokens: true), Is.EqualTo(text));
            Assert.That(tokenizer.Decode(tokenizer.Encode("Grüße, 世界 🎲")), Is.EqualTo("Grüße, 世界 🎲"), "Every byte has a token.");
        });
    }

    private byte[] Pretrain(int threads)
    {
        var output = Path.Combine(parent, $"threads-{threads}");
        using var backend = new CpuBackend(threads);
        var result = DemoPretraining.Run(backend, output, stepCount: 2);
        using var model = ModelDirectory.Open(result.FinalDirectory!);
        return File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors"));
    }
}
