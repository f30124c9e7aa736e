using DftNative.Checkpoints;
using DftNative.Tests.Tokenizers;

namespace DftNative.Tests.Checkpoints;

/// <summary>Every file that decides what a model computes is in its fingerprint, whatever it is called.</summary>
public sealed class ModelFingerprintTests
{
    [Test]
    public void ShardsThatTheIndexNamesCount()
    {
        using var scratch = new ScratchDirectory();
        scratch.Write("config.json", "{}");
        scratch.Write("model.safetensors.index.json", """{"weight_map": {"a": "part-one.safetensors", "b": "part-two.safetensors", "c": "part-one.safetensors"}}""");
        var fingerprints = new List<string>();
        foreach (var (name, text) in new[] { ("part-one.safetensors", "1"), ("part-two.safetensors", "2"), ("part-two.safetensors", "3"), ("chat_template.jinja", "{{ x }}"), ("config.json", "{ }") })
        {
            scratch.Write(name, text);
            fingerprints.Add(ModelFingerprint.Of(scratch.FullName));
        }

        var before = fingerprints[^1];
        scratch.Write("model-of-another-run.safetensors", "not named by the index");
        Assert.Multiple(() =>
        {
            Assert.That(fingerprints, Is.Unique);
            Assert.That(ModelFingerprint.Of(scratch.FullName), Is.EqualTo(before), "what the model does not have does not count");
        });
        scratch.Write("model.safetensors", "goes before the index");
        Assert.That(ModelFingerprint.Of(scratch.FullName), Is.Not.EqualTo(before));
    }
}
