using DftNative.Backends;
using DftNative.Models;

namespace DftNative.Checkpoints;

/// <summary>
/// Random initial weights, as transformers makes them for the supported families: matrices normal with standard deviation
/// initializer_range, norms 1, biases 0. A value is a function of (seed, tensor, index) alone.
/// </summary>
public sealed class ModelInitializer
{
    private readonly ParameterLayout layout;
    private readonly double standardDeviation;
    private readonly ulong seed;
    private readonly Dictionary<string, int> indices = new(StringComparer.Ordinal);

    /// <summary>Weights for a configuration.</summary>
    /// <param name="layout">The parameters.</param>
    /// <param name="standardDeviation">Of the matrices' elements.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    public ModelInitializer(ParameterLayout layout, double standardDeviation, ulong seed)
    {
        (this.layout, this.standardDeviation, this.seed) = (layout, standardDeviation, seed);
        for (var i = 0; i < layout.Tensors.Count; i++) indices.Add(layout.Tensors[i].Name, i);
    }

    /// <summary>Turns a directory that has a config.json (and tokenizer files) into a model directory with weights.</summary>
    /// <param name="source">The directory with the config.json.</param>
    /// <param name="directory">The model directory to write; replaced if it exists.</param>
    /// <param name="seed">Another seed gives other weights.</param>
    /// <param name="saveDataType">The type to store the weights in; auto: as config.json says.</param>
    /// <exception cref="DftNativeException">Exit code 3 or 6.</exception>
    public static void CreateDirectory(string source, string directory, ulong seed, SaveDataType saveDataType = SaveDataType.Auto)
    {
        var template = ModelTemplate.Read(source);
        var layout = new ParameterLayout(template.Configuration);
        ModelWriter.Save(directory, template, layout, new ModelInitializer(layout, template.InitializerRange, seed).Read, saveDataType);
    }

    /// <summary>Fills a device's arena.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="parameters">[layout.ArenaLength] fp32 or bf16, written.</param>
    public void Load(IBackend backend, Vector parameters) =>
        ParameterTransfer.Upload(backend, layout, parameters, (name, start, destination) => Read(name, start, destination.Span));

    /// <summary>Gives elements of a parameter.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="start">The first element.</param>
    /// <param name="destination">Written: as many elements from there.</param>
    public void Read(string name, long start, Span<float> destination)
    {
        var tensor = layout[name];
        if (tensor.IsNormOrBias)
        {
            destination.Fill(name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
            return;
        }

        var stream = Mix(Mix(seed) + (ulong)indices[name]);
        for (var i = 0; i < destination.Length;)
        {
            var isOdd = ((start + i) & 1) != 0;
            var (even, odd) = NormalPair(stream, (ulong)(start + i) & ~1UL);
            if (!isOdd) destination[i++] = (float)(standardDeviation * even);
            if (i < destination.Length) destination[i++] = (float)(standardDeviation * odd);
        }
    }

    // SplitMix64 (Steele, Lea and Flood 2014), its state computed from the counter: any element without those before it.
    private static ulong Mix(ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return state ^ (state >> 31);
    }

    // Box and Muller 1958: two independent normals from a radius and an angle.
    private static (double Even, double Odd) NormalPair(ulong stream, ulong even)
    {
        const double Scale = 1.0 / (1UL << 53);
        const ulong Step = 0x9E3779B97F4A7C15;
        var radius = Math.Sqrt(-2 * Math.Log(((Mix(stream + even * Step) >> 11) + 1) * Scale));
        var (sine, cosine) = Math.SinCos(2 * Math.PI * ((Mix(stream + (even + 1) * Step) >> 11) * Scale));
        return (radius * cosine, radius * sine);
    }
}
