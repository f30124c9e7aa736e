using System.Text.RegularExpressions;
using DftNative.Backends.Cuda;

namespace DftNative.Tests.Cuda;

/// <summary>The rules that the kernels' texts keep, so that what the emulator checks is all that there is.</summary>
[TestFixture]
internal sealed partial class KernelTextTests
{
    private static readonly string[] Kernels = FilesOf("*.cu");
    private static readonly string[] Headers = FilesOf("*.cuh");
    private static readonly string[] All = [.. Kernels, .. Headers];

    [TestCaseSource(nameof(Kernels))]
    public void TheBannerSaysGridBlockAndBytes(string file)
    {
        var banner = string.Join('\n', Text(file).Split('\n').TakeWhile(line => line.StartsWith("//", StringComparison.Ordinal)));
        foreach (var word in (string[])[@"\bgrid\b", @"\bblock\b", @"\bbytes\b", @"\breads\b", @"\bwrites\b", "Specialised by"])
            Assert.That(banner, Does.Match($"(?i){word}"), file);
    }

    [TestCaseSource(nameof(Headers))]
    public void AHeaderSaysWhatItIsFor(string file)
    {
        Assert.That(Text(file), Does.StartWith("// "));
        Assert.That(Lines(file)[0].Code, Is.EqualTo("#pragma once"));
    }

    /// <summary>NVRTC has no headers of its own, and the emulator rewrites no static shared memory.</summary>
    [TestCaseSource(nameof(All))]
    public void NothingIsUsedThatOneOfTheCompilersLacks(string file)
    {
        AssertNone(file, @"^#include (?!""\w+\.cuh"")", "only our headers can be included");
        AssertNone(file, @"\b__shared__\b", "shared memory is dynamic: shared_memory<T>()", line => !line.Code.StartsWith("extern __shared__", StringComparison.Ordinal) || file != "memory.cuh");
        AssertNone(file, @"\b(__constant__|__managed__)\b|^(static )?__device__ [\w ]+(=|;)", "nothing outlives a launch");
        AssertNone(file, @"\batomic[A-Z]\w*\(", "an atomic's order is the hardware's: memory.cuh has those of whole numbers, to which it is the same", _ => file != "memory.cuh");
        AssertNone(file, @"\b(std::|printf|assert\()", "NVRTC has no library");
    }

    /// <summary>What only a device has stands where only NVRTC reads it, beside a twin.</summary>
    [TestCaseSource(nameof(All))]
    public void EveryInstructionHasATwin(string file)
    {
        var lines = Lines(file).Where(line => Instruction().IsMatch(line.Code)).ToArray();
        if (file.EndsWith(".cu", StringComparison.Ordinal)) Assert.That(lines, Is.Empty, "instructions are behind wrappers in headers");
        foreach (var line in lines)
        {
            Assert.That(line.Part, Is.EqualTo(KernelPart.Device), $"{file}:{line.Number}: {line.Code}");
            // The address of shared memory is part of other wrappers' instructions, which have theirs.
            if (!line.Code.Contains("__cvta_generic_to_shared", StringComparison.Ordinal)) Assert.That(line.HasTwin, $"{file}:{line.Number}: {line.Code}");
        }
    }

    /// <summary>Each wrapper is run by doctor --selftest.</summary>
    [TestCaseSource(nameof(Headers))]
    public void EveryWrapperIsInTheSelfTest(string file)
    {
        var selfTest = string.Join('\n', Lines("self_test.cu").Select(line => line.Code));
        var function = "";
        foreach (var line in Lines(file))
        {
            if (FunctionName().Match(line.Code) is { Success: true } named) function = named.Groups[1].Value;
            if (!Instruction().IsMatch(line.Code) || function == "shared_address") continue;
            var name = function == "warp_reduce" ? "warp_(reduce|sum|max)" : function;
            Assert.That(selfTest, Does.Match($@"\b{name}\b(<\w+(, \d+)?>)?\("), $"{file}:{line.Number}");
        }
    }

    /// <summary>Global and shared memory through views alone: no parameter is indexed or followed, and no view's pointer.</summary>
    [TestCaseSource(nameof(All))]
    public void MemoryIsReachedThroughViewsAlone(string file)
    {
        if (file != "memory.cuh") Assert.That(AccessesAroundViews(Text(file)), Is.Empty, file);
    }

    [TestCase("data[threadIdx.x] = 0;")]
    [TestCase("const float x = 2 * (1 + *data);")]
    [TestCase("const float x = *(data + 1);")]
    [TestCase("const float x = data->words[0];")]
    [TestCase("view.data[3] = 0;")]
    [TestCase("*view.data = 0;")]
    [TestCase("const float x = *(view.data + 3);")]
    public void AnAccessAroundTheViewsIsSeen(string statement)
    {
        const string kernel = """
            extern "C" __global__ void __launch_bounds__(32) k(float* data, int length) {{
                const GlobalView<float> view{{data, 2 * length}}; // data[1]
                {0}
            }}
            extern "C" __global__ void __launch_bounds__(32) other(float* x) {{ float data[2]; data[1] = 2 * length; }}
            """;
        Assert.That(AccessesAroundViews(string.Format(null, kernel, "")), Is.Empty);
        Assert.That(AccessesAroundViews(string.Format(null, kernel, statement)).Count(), Is.EqualTo(1));
    }

    /// <summary>A line for each of the two compilers, and one without a twin.</summary>
    [Test]
    public void LinesKnowWhoReadsThem()
    {
        const string text = "int a; // b\n#ifdef DFTNATIVE_EMULATOR\ntwin();\n#else\n#if X\nasm(1);\n#endif\nasm(2);\n#endif\n#ifndef DFTNATIVE_EMULATOR\nasm(3);\n#endif";
        Assert.That(KernelLine.Read(text), Is.EqualTo(new[]
        {
            new KernelLine(1, "int a;", KernelPart.Both, false), new KernelLine(3, "twin();", KernelPart.Emulator, true),
            new KernelLine(6, "asm(1);", KernelPart.Device, true), new KernelLine(8, "asm(2);", KernelPart.Device, true),
            new KernelLine(11, "asm(3);", KernelPart.Device, false),
        }));
    }

    [TestCaseSource(nameof(Kernels))]
    public void EveryKernelIsInTheListOfVariants(string file)
    {
        var code = string.Join('\n', Lines(file).Select(line => line.Code));
        var names = EntryPoint().Matches(code).Select(match => match.Groups["name"].Value).ToArray();
        Assert.That(names, Is.Not.Empty);
        Assert.That(names, Has.Length.EqualTo(Regex.Count(code, @"\b__global__\b")), "every kernel has launch bounds and a C name");
        var listed = KernelVariants.All.Where(variant => variant.FileName == file).Select(variant => variant.EntryPoint).Distinct();
        Assert.That(names, Is.EquivalentTo(listed));
    }

    [Test]
    public void ThereAreAtMostSixtyVariants() => Assert.That(KernelVariants.All, Has.Count.AtMost(60));

    private static string[] FilesOf(string pattern) =>
        [.. Directory.GetFiles(Path.Combine(RepositoryFolder.Path, "kernels"), pattern).Select(path => Path.GetFileName(path)).Order()];

    private static string Text(string file) => KernelSources.Read(file).Text;

    private static IReadOnlyList<KernelLine> Lines(string file) => KernelLine.Read(Text(file));

    private static IEnumerable<string> AccessesAroundViews(string text)
    {
        var lines = KernelLine.Read(text).Where(line => line.Part != KernelPart.Device);
        var code = string.Join('\n', lines.Select(line => line.Code));
        foreach (Match access in ThroughViewsPointer().Matches(code)) yield return access.Value;
        foreach (Match kernel in EntryPoint().Matches(code))
        {
            var end = code.IndexOf("extern \"C\"", kernel.Index + 1, StringComparison.Ordinal);
            var body = code[(kernel.Index + kernel.Length)..(end < 0 ? code.Length : end)];
            foreach (Match parameter in PointerParameter().Matches(kernel.Groups["parameters"].Value))
            {
                var name = parameter.Groups[1].Value;
                foreach (Match access in Regex.Matches(body, $@"(?<!\.)\b{name}\s*(\[|->)|(?<![\w)\]]\s*)\*\s*\(?{name}\b"))
                    yield return $"{kernel.Groups["name"].Value}: {access.Value}";
            }
        }
    }

    private static void AssertNone(string file, string pattern, string rule, Func<KernelLine, bool>? applies = null)
    {
        var found = Lines(file).Where(line => Regex.IsMatch(line.Code, pattern) && (applies is null || applies(line)));
        Assert.That(found.Select(line => $"{file}:{line.Number}: {line.Code}"), Is.Empty, rule);
    }

    /// <summary>What is PTX, or compiles to one instruction that the emulator has not.</summary>
    [GeneratedRegex(@"\basm\b|__shfl_|__cvta_|__ld\w+\(|__st\w+\(|__(any|all|ballot|activemask|reduce|match)_?\w*\(")]
    private static partial Regex Instruction();

    [GeneratedRegex(@"__device__ .*?\b(\w+)\(")]
    private static partial Regex FunctionName();

    [GeneratedRegex(@"extern ""C"" __global__ void __launch_bounds__\([^()]*\)\s+(?<name>\w+)\((?<parameters>[^()]*)\)")]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"(?<!\.|\w)\w+\.data\s*(\[|->)|\*\s*\(?\w+\.data\b")]
    private static partial Regex ThroughViewsPointer();

    [GeneratedRegex(@"\*\s*(\w+)")]
    private static partial Regex PointerParameter();
}
