using System.Buffers.Binary;
using System.Text;
using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

public sealed class SafetensorsFileTests
{
    private TemporaryDirectory directory = null!;

    [SetUp]
    public void MakeDirectory() => directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => directory.Dispose();

    [TestCase(SafetensorsDataType.F32)]
    [TestCase(SafetensorsDataType.BF16)]
    [TestCase(SafetensorsDataType.F16)]
    public void RoundTripsAnySlice(SafetensorsDataType dataType)
    {
        const int Length = 3_000_001;
        var values = new float[Length];
        for (var i = 0; i < Length; i++) values[i] = (i % 255) - 127;
        SafetensorsEntry[] entries = [new("odd.size", dataType, [3]), new("large", dataType, [Length]), new("scalar", dataType, []), new("empty", dataType, [0, 5])];
        var hash = SafetensorsWriter.Write(directory["a.safetensors"], entries, new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\n\"" },
            (_, start, destination) => values.AsSpan((int)start, destination.Length).CopyTo(destination));

        var whole = new XxHash64();
        whole.Append(File.ReadAllBytes(directory["a.safetensors"]));
        Assert.That(hash, Is.EqualTo(whole.GetHash()));
        using var file = SafetensorsFile.Open(directory["a.safetensors"]);
        Assert.That(file.Metadata, Is.EqualTo(new Dictionary<string, string> { ["format"] = "pt", ["é"] = "\n\"" }));
        Assert.That(file.Tensors.Keys, Is.EquivalentTo(new[] { "odd.size", "large", "scalar", "empty" }));
        Assert.That(file.Tensors["large"].Offset % dataType.SizeInBytes(), Is.Zero);
        foreach (var (start, length) in new[] { (0, Length), (1, 17), (Length - 1, 1), (Length, 0), (1_048_570, 20) })
        {
            var read = new float[length];
            file.Read(file.Tensors["large"], start, read);
            Assert.That(read.AsSpan().SequenceEqual(values.AsSpan(start, length)), Is.True, $"slice {start}+{length}");
        }

        Assert.That(() => file.Read(file.Tensors["large"], Length - 1, new float[2]), Throws.InstanceOf<ArgumentException>());
        Assert.That(file.Tensors["scalar"].Length, Is.EqualTo(1));
    }

    [Test]
    public void OtherTypesAreReadAsBytes()
    {
        Write("""{"step":{"dtype":"I64","shape":[2],"data_offsets":[0,16]},"flag":{"dtype":"BOOL","shape":[3],"data_offsets":[16,19]}}""", 19, fill: 7);
        using var file = SafetensorsFile.Open(directory["bad.safetensors"]);
        var (step, flag) = (new byte[8], new byte[3]);
        file.ReadBytes(file.Tensors["step"], 1, step);
        file.ReadBytes(file.Tensors["flag"], 0, flag);
        Assert.That(step.Concat(flag), Is.EqualTo(Enumerable.Repeat((byte)7, 11)));
        Assert.That(() => file.ReadBytes(file.Tensors["flag"], 1, flag), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => file.Read(file.Tensors["step"], 0, new float[1]), Throws.ArgumentException);
    }

    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "overlaps")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "overlaps")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20, "belong to none")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "belong to none")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "belong to none")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "truncated")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not take")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "too large")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", 0, "does not take")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}}""", 8, "shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}""", 8, "shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""", 8, "data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2]}}""", 8, "lacks")]
    [TestCase("""{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype F4")]
    [TestCase("""{"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype f32")]
    [TestCase("""{"a":{"dtype":"1","shape":[2],"data_offsets":[0,8]}}""", 8, "dtype 1")]
    [TestCase("""{"a":7}""", 0, "lacks")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a'")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}""", 4, "dtype")]
    [TestCase("""{"__metadata__":{"a":1}}""", 0, "__metadata__")]
    [TestCase("""{"__metadata__":[]}""", 0, "__metadata__")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "not valid JSON")]
    [TestCase("""{"a":""", 0, "not valid JSON")]
    [TestCase("[]", 0, "does not begin")]
    [TestCase("", 0, "does not begin")]
    public void BadHeadersAreNamed(string header, int dataLength, string mention)
    {
        Write(header, dataLength);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(directory["bad.safetensors"]).Dispose(), "bad.safetensors", mention);
    }

    [Test]
    public void InvalidUtf8IsAnError()
    {
        var bytes = Make("""{"X":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4);
        bytes[Array.IndexOf(bytes, (byte)'X')] = 0xFF;
        File.WriteAllBytes(directory["bad.safetensors"], bytes);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(directory["bad.safetensors"]).Dispose(), "not valid JSON");
    }

    [Test]
    public void FilesThatAreNotThereOrCutShortAreNamed()
    {
        var whole = Make("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8);
        var path = directory["bad.safetensors"];
        ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(path).Dispose(), "bad.safetensors", "cannot be read");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(directory.Path).Dispose(), "cannot be read");
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(path).Dispose(), "bad.safetensors", "truncated");
        }
    }

    /// <summary>A mapping would end the process here.</summary>
    [Test]
    public void AFileThatShrinksWhileItIsOpenIsAnError([Values("F32", "BF16", "F16")] string dataType)
    {
        Write($$"""{"a":{"dtype":"{{dataType}}","shape":[{{(dataType == "F32" ? 2048 : 4096)}}],"data_offsets":[0,8192]} }""", 8192);
        using var file = SafetensorsFile.Open(directory["bad.safetensors"]);
        using (var writer = new FileStream(directory["bad.safetensors"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) writer.SetLength(4096);
        file.Read(file.Tensors["a"], 0, new float[100]);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => file.Read(file.Tensors["a"], 0, new float[2048]), "bad.safetensors", "shorter than it was", "nothing is at byte 4096");
        ErrorAssert.Throws(ExitCode.InvalidInput, () => file.ReadBytes(file.Tensors["a"], file.Tensors["a"].Length - 1, new byte[2]), "bad.safetensors", "shorter than it was");
    }

    [TestCase(100_000_001ul, "not a safetensors file")]
    [TestCase(ulong.MaxValue, "not a safetensors file")]
    [TestCase(1ul << 63, "not a safetensors file")]
    [TestCase(1000ul, "truncated")]
    public void HeaderLengthsAreChecked(ulong claimed, string mention)
    {
        var bytes = Make("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        File.WriteAllBytes(directory["bad.safetensors"], bytes);
        ErrorAssert.Throws(ExitCode.InvalidInput, () => SafetensorsFile.Open(directory["bad.safetensors"]).Dispose(), mention);
    }

    [Test]
    public void DamageIsAnErrorOrHarmless()
    {
        var whole = Make("""{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[8,16]}}  """, 16);
        var random = new Random(20);
        var failures = 0;
        for (var trial = 0; trial < 1500; trial++)
        {
            var bytes = whole.ToArray();
            for (var flip = random.Next(1, 4); flip > 0; flip--) bytes[random.Next(bytes.Length - 16)] = (byte)random.Next(256);
            if (random.Next(4) == 0) bytes = bytes[..random.Next(bytes.Length)];
            File.WriteAllBytes(directory["fuzz.safetensors"], bytes);
            try
            {
                using var file = SafetensorsFile.Open(directory["fuzz.safetensors"]);
                foreach (var tensor in file.Tensors.Values) file.ReadBytes(tensor, 0, new byte[tensor.SizeInBytes]);
            }
            catch (DftNativeException exception)
            {
                Assert.That(exception.ExitCode, Is.EqualTo(ExitCode.InvalidInput));
                failures++;
            }
        }

        Assert.That(failures, Is.GreaterThan(500), "most damage is noticed");
    }

    private static byte[] Make(string header, int dataLength, byte fill = 0)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)json.Length);
        json.CopyTo(bytes, 8);
        bytes.AsSpan(8 + json.Length).Fill(fill);
        return bytes;
    }

    private void Write(string header, int dataLength, byte fill = 0) => File.WriteAllBytes(directory["bad.safetensors"], Make(header, dataLength, fill));
}
