using System.Globalization;
using System.Runtime.InteropServices;
using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Losses;
using DftNative.Models;

namespace DftNative.Training;

/// <summary>The frozen model that a loss keeps the trained one near: its weights, once, and the memory of a pass; no gradients. Never saved.</summary>
internal sealed class FrozenReference : IDisposable
{
    private const int ChunkLength = 1 << 20;

    private FrozenReference(Transformer model, string fingerprint) => (Model, Fingerprint) = (model, fingerprint);

    /// <summary>The model.</summary>
    public Transformer Model { get; }

    /// <summary>XXH64 of its weights, so that a run is continued with the same ones.</summary>
    public string Fingerprint { get; }

    /// <summary>Loads the model where the loss asks for one and gives it to the trained model.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="trained">The model that is trained; gets the frozen one.</param>
    /// <param name="source">What the frozen one is loaded from; not owned.</param>
    /// <param name="loss">The loss.</param>
    /// <returns>Null where the loss has no reference.</returns>
    /// <exception cref="DftNativeException">The models do not have one vocabulary, or the device has no memory for both.</exception>
    public static FrozenReference? Attach(IBackend backend, Transformer trained, ModelDirectory source, TokenLossOptions loss)
    {
        if (loss.Weighting.DivergenceFactor == 0) return null;
        if (source.Configuration.VocabularySize != trained.Configuration.VocabularySize)
        {
            throw new DftNativeException(
                ExitCode.InvalidInput, $"{source.Path}: the reference model has a vocabulary of {source.Configuration.VocabularySize} and the trained one of "
                + $"{trained.Configuration.VocabularySize}; a divergence needs the same one: name another reference_model");
        }

        var model = new Transformer(backend, source.Configuration, new TransformerOptions(trained.MaxTokens) { MaxPositions = trained.MaxPositions });
        try
        {
            source.Load(backend, model.Layout, model.Parameters);
            trained.FrozenReference = model;
            return new FrozenReference(model, Hash(backend, model.Parameters));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Model.Dispose();

    private static string Hash(IBackend backend, Vector parameters)
    {
        var hash = new XxHash64();
        var chunk = new float[Math.Min(ChunkLength, parameters.Length)];
        for (long start = 0; start < parameters.Length; start += chunk.Length)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, parameters.Length - start));
            backend.Download(parameters.Slice(start, part.Length), part);
            hash.Append(MemoryMarshal.AsBytes(part));
        }

        return hash.GetHash().ToString("x16", CultureInfo.InvariantCulture);
    }
}
