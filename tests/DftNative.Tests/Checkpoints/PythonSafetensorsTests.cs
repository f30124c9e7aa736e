using System.Diagnostics;
using System.Globalization;
using DftNative.Checkpoints;

namespace DftNative.Tests.Checkpoints;

/// <summary>Files that we write as PyTorch reads them, and the other way round.</summary>
public sealed class PythonSafetensorsTests
{
    private const string Oracle = """"
        """Reads and writes safetensors files from the format's description alone, with PyTorch's own conversions.

        read FILE:   one line per tensor: name, dtype, shape, sum of the elements' bit patterns, first and last element as hex floats
        write FILE:  a file with a tensor of each type, whose elements are the numbers -64, -63.75, ...
        """
        import json, struct, sys
        import torch

        TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


        def read(path):
            raw = open(path, "rb").read()
            length, = struct.unpack("<Q", raw[:8])
            header = json.loads(raw[8:8 + length])
            metadata = header.pop("__metadata__", {})
            assert metadata.get("format") == "pt" and length % 8 == 0
            for name, entry in header.items():
                begin, end = entry["data_offsets"]
                data = bytearray(raw[8 + length + begin:8 + length + end])
                values = torch.frombuffer(data, dtype=TYPES[entry["dtype"]]).reshape(entry["shape"]).float().flatten()
                bits = values.view(torch.int32).long().bitwise_and(0xFFFFFFFF).sum().item()
                print(name, entry["dtype"], "x".join(map(str, entry["shape"])), bits, values[0].item().hex(), values[-1].item().hex())


        def write(path):
            header, data = {"__metadata__": {"format": "pt"}}, b""
            for kind, dtype in TYPES.items():
                values = (torch.arange(0, 515) / 4 - 64).to(dtype).reshape(5, 103)
                part = bytes(values.view(torch.int32 if kind == "F32" else torch.int16).numpy().tobytes())
                header[kind.lower()] = {"dtype": kind, "shape": [5, 103], "data_offsets": [len(data), len(data) + len(part)]}
                data += part
            text = json.dumps(header).encode()
            open(path, "wb").write(struct.pack("<Q", len(text)) + text + data)


        {"read": read, "write": write}[sys.argv[1]](sys.argv[2])
        """";

    private TemporaryDirectory directory = null!;

    [SetUp]
    public void MakeDirectory()
    {
        directory = new TemporaryDirectory();
        try
        {
            if (Run("-c", "import torch").ExitCode != 0) Assert.Ignore("python3-torch is not installed");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("/usr/bin/python3 is not installed");
        }
    }

    [TearDown]
    public void RemoveDirectory() => directory.Dispose();

    [Test, Category("Slow")]
    public void PythonReadsWhatWeWrite()
    {
        SafetensorsEntry[] entries = [new("a", SafetensorsDataType.F32, [7, 3]), new("b", SafetensorsDataType.BF16, [1001]), new("c", SafetensorsDataType.F16, [2, 2, 5])];
        SafetensorsWriter.Write(directory["ours.safetensors"], entries, new Dictionary<string, string> { ["format"] = "pt" }, (_, start, destination) =>
        {
            for (var i = 0; i < destination.Length; i++) destination[i] = 1 / (start + i + 3f);
        });
        var (exitCode, output) = Run("-c", Oracle, "read", directory["ours.safetensors"]);
        Assert.That(exitCode, Is.Zero, output);
        using var file = SafetensorsFile.Open(directory["ours.safetensors"]);
        Assert.That(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(entries.Select(entry => Describe(file, entry.Name))));
    }

    [Test, Category("Slow")]
    public void WeReadWhatPythonWrites()
    {
        Assert.That(Run("-c", Oracle, "write", directory["theirs.safetensors"]).ExitCode, Is.Zero);
        using var file = SafetensorsFile.Open(directory["theirs.safetensors"]);
        foreach (var name in new[] { "f32", "f16", "bf16" })
        {
            var values = new float[515];
            file.Read(file.Tensors[name], 0, values);
            Assert.That(values, Is.EqualTo(Enumerable.Range(0, 515).Select(i => (i / 4f) - 64).Select(value => name == "bf16" ? (float)(BFloat16)value : value)));
        }
    }

    private static string Describe(SafetensorsFile file, string name)
    {
        var tensor = file.Tensors[name];
        var values = new float[tensor.Length];
        file.Read(tensor, 0, values);
        var bits = values.Sum(value => (long)BitConverter.SingleToUInt32Bits(value));
        return string.Create(CultureInfo.InvariantCulture, $"{name} {tensor.DataType} {string.Join('x', tensor.Shape)} {bits} {Hex(values[0])} {Hex(values[^1])}");
    }

    // Python's float.hex of a normal number.
    private static string Hex(float value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF) - 1023;
        return string.Create(CultureInfo.InvariantCulture, $"{(bits < 0 ? "-" : "")}0x1.{bits & 0xFFFFFFFFFFFFF:x13}p{(exponent < 0 ? "" : "+")}{exponent}");
    }

    private static (int ExitCode, string Output) Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : errors.Result);
    }
}
