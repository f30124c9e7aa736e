using System.Text.Encodings.Web;
using System.Text.Json;

namespace DftNative.Generation;

/// <summary>
/// Writes completions as JSON lines, a line a sample, in the order of the prompts: the prompt's fields, and
/// <c>sample</c>, <c>completion</c>, <c>tokens</c>, <c>finish_reason</c> and, on demand, <c>logprobs</c>.
/// </summary>
public sealed class CompletionWriter : IGenerationObserver, IDisposable
{
    private static readonly string[] Written = ["sample", "completion", "tokens", "finish_reason", "logprobs", "error"];

    // What is text in the file stays text that can be read.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Stream output;
    private readonly Utf8JsonWriter json;
    private readonly IReadOnlyList<PromptRow> rows;
    private readonly int samples;
    private readonly GeneratedSequence?[] finished;
    private readonly string?[] errors;
    private readonly List<int> requestRows = [];
    private int next;

    /// <summary>A writer of the samples of some prompts.</summary>
    /// <param name="output">UTF-8; not owned.</param>
    /// <param name="rows">The prompts.</param>
    /// <param name="samples">Samples a prompt.</param>
    public CompletionWriter(Stream output, IReadOnlyList<PromptRow> rows, int samples)
    {
        (this.output, this.rows, this.samples) = (output, rows, samples);
        json = new Utf8JsonWriter(output, WriterOptions);
        finished = new GeneratedSequence?[rows.Count * samples];
        errors = new string?[rows.Count];
    }

    /// <summary>Samples in the file so far.</summary>
    public int WrittenCount { get; private set; }

    /// <summary>How many prompts cannot be answered.</summary>
    public int FailedCount => errors.Count(static error => error is not null);

    /// <summary>The requests for prompts that can be answered; the others' lines have an <c>error</c>.</summary>
    /// <param name="prompts">Each row's tokens.</param>
    /// <param name="maxPromptLength">The most tokens of a prompt.</param>
    /// <param name="vocabularySize">The tokens that the model has.</param>
    public IReadOnlyList<GenerationRequest> CreateRequests(IReadOnlyList<int[]> prompts, int maxPromptLength, int vocabularySize)
    {
        var requests = new List<GenerationRequest>();
        for (var row = 0; row < rows.Count; row++)
        {
            errors[row] = prompts[row].Length == 0 ? "the prompt has no tokens"
                : prompts[row].Length > maxPromptLength ? $"the prompt has {prompts[row].Length} tokens, more than the {maxPromptLength} there is room for"
                : GenerationRequest.FindUnknownToken(prompts[row], vocabularySize) is { } error ? $"the prompt {error}" : null;
            if (errors[row] is not null) continue;
            for (var sample = 0; sample < samples; sample++)
            {
                requests.Add(new GenerationRequest(prompts[row], GenerationRequest.StreamOf(row, sample)));
                requestRows.Add((row * samples) + sample);
            }
        }

        WriteFinished();
        return requests;
    }

    /// <inheritdoc/>
    public void OnToken(int index, int token, string text) { }

    /// <inheritdoc/>
    public void OnFinished(int index, GeneratedSequence sequence)
    {
        finished[requestRows[index]] = sequence;
        WriteFinished();
    }

    /// <summary>Ends the file where not every sample came: what is finished behind one that is not is written too.</summary>
    public void Complete()
    {
        while (next < finished.Length)
        {
            WriteFinished();
            next++;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();

    private void WriteFinished()
    {
        for (; next < finished.Length; next++)
        {
            var (row, sample) = (next / samples, next % samples);
            if (errors[row] is { } error)
            {
                if (sample == 0) WriteLine(row, () => json.WriteString("error", error));
            }
            else if (finished[next] is { } sequence)
            {
                WriteLine(row, () => WriteSample(sample, sequence));
                finished[next] = null;
                WrittenCount++;
            }
            else
            {
                return;
            }
        }
    }

    private void WriteLine(int row, Action writeRest)
    {
        json.WriteStartObject();
        foreach (var field in rows[row].Fields.EnumerateObject())
            if (!Written.Contains(field.Name)) field.WriteTo(json);
        writeRest();
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        output.WriteByte((byte)'\n');
        output.Flush();
    }

    private void WriteSample(int sample, GeneratedSequence sequence)
    {
        json.WriteNumber("sample", sample);
        json.WriteString("completion", sequence.Text);
        json.WriteStartArray("tokens");
        foreach (var token in sequence.Tokens) json.WriteNumberValue(token);
        json.WriteEndArray();
        json.WriteString("finish_reason", FinishReasonNames.Of(sequence.FinishReason));
        if (sequence.LogProbabilities is not { } logProbabilities) return;
        json.WriteStartArray("logprobs");
        foreach (var value in logProbabilities) json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
