using DftNative.Backends;
using DftNative.Checkpoints;
using DftNative.Models;
using DftNative.Tokenizers;

namespace DftNative.Generation;

/// <summary>A model on a device, with a cache for the prompts that it is to answer.</summary>
public sealed class GenerationSession : IDisposable
{
    private readonly Transformer transformer;

    /// <summary>Plans for the prompts, and loads the model.</summary>
    /// <param name="backend">The device; not owned.</param>
    /// <param name="model">The model; not owned.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="prompts">All prompts; those that the model has no room for count for nothing here.</param>
    /// <param name="samples">Samples of each.</param>
    /// <param name="maxNewTokens">The most tokens that are added.</param>
    /// <param name="slots">Sequences at once; null: as many as are fast and have room.</param>
    /// <param name="countOption">What a user knows <paramref name="samples"/> as.</param>
    /// <exception cref="DftNativeException">Too many sequences, or the model does not fit the device.</exception>
    public GenerationSession(
        IBackend backend, ModelDirectory model, Tokenizer tokenizer, IEnumerable<int[]> prompts, int samples, int maxNewTokens, int? slots = null,
        string countOption = GenerationPlan.DefaultCountOption)
    {
        ContextLength = GenerationPlan.ContextLengthOf(model.Configuration);
        var (longest, count) = (1, 0L);
        foreach (var prompt in prompts)
        {
            count += samples;
            if (prompt.Length < ContextLength) longest = Math.Max(longest, prompt.Length);
        }

        var plan = GenerationPlan.Choose(model.Configuration, backend.ComputeType, longest, maxNewTokens, count, slots, countOption);
        transformer = new Transformer(backend, model.Configuration, plan.TransformerOptions);
        try
        {
            model.Load(backend, transformer.Layout, transformer.Parameters);
            Generator = new SequenceGenerator(backend, transformer, plan.Slots, plan.Capacity, tokenizer);
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    /// <summary>Samples.</summary>
    public SequenceGenerator Generator { get; }

    /// <summary>Tokens that the model takes, prompt and answer together.</summary>
    public int ContextLength { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Generator.Dispose();
        transformer.Dispose();
    }
}
