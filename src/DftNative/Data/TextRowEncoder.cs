using DftNative.ChatTemplates;
using DftNative.Tokenizers;

namespace DftNative.Data;

/// <summary>Turns texts and conversations into rows.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="options">Which tokens are trained, and the chat template.</param>
internal sealed class TextRowEncoder(Tokenizer tokenizer, RowReaderOptions options)
{
    private ChatTemplate? resolvedTemplate;
    private EndOfTurn? endOfTurn;
    private AssistantTurns? turnFinder;

    private ChatTemplate Template => resolvedTemplate ?? Resolve();

    private int EndOfText => tokenizer.EosTokenId
        ?? throw new DftNativeException(ExitCode.InvalidInput, "the tokenizer has no end-of-text token; name one as eos_token in tokenizer_config.json");

    /// <summary>
    /// A conversation: all is masked but the assistant turns that the options name. A token that holds text of two sides
    /// of a turn's border belongs to what comes behind the border.
    /// </summary>
    public TrainingRow EncodeMessages(ChatConversation conversation)
    {
        var rendering = Template.Render(conversation, conversation.Messages.Count, addGenerationPrompt: false);
        var turns = turnFinder!.Find(conversation, rendering, WantedMessages(conversation));
        var boundaries = turns.SelectMany(static turn => new[] { turn.Start, turn.End }).ToArray();
        var encoded = tokenizer.Encode(rendering.Text, boundaries, addSpecialTokens: false);
        var labels = new int[encoded.Ids.Length];
        Array.Fill(labels, TrainingRow.IgnoredLabel);

        // Up to the last end of turn; the line break that some templates write after it is never produced.
        if (options.Mask == LossMask.All) Train(0, endOfTurn is null ? labels.Length : Array.LastIndexOf(encoded.Ids, endOfTurn.Id) + 1);
        float[]? weights = null;
        for (var i = 0; i < turns.Count; i++)
        {
            var (start, end) = (encoded.FirstTokens[2 * i], encoded.FirstTokens[2 * i + 1]);
            var weight = conversation.Messages[turns[i].Message].Weight;
            if (weight == 0)
            {
                labels.AsSpan(start, end - start).Fill(TrainingRow.IgnoredLabel);
                continue;
            }

            Train(start, end);
            if (weight == 1) continue;
            weights ??= [.. Enumerable.Repeat(1f, labels.Length)];
            weights.AsSpan(start, end - start).Fill(weight);
        }

        if (endOfTurn is not null) TrainEnds(encoded.Ids, labels, endOfTurn.Id);
        return new TrainingRow(encoded.Ids, labels, weights);

        void Train(int start, int end) => encoded.Ids.AsSpan(start, end - start).CopyTo(labels.AsSpan(start));
    }

    /// <summary>The last message as the answer to those before it: prompt and answer are tokenised apart, and the end-of-text token follows.</summary>
    /// <param name="conversation">At least two messages; the last is the assistant's.</param>
    public TrainingRow EncodeResponse(ChatConversation conversation)
    {
        var messages = conversation.Messages;
        var prompt = tokenizer.Encode(Template.Render(conversation, messages.Count - 1, addGenerationPrompt: true).Text);
        int[] ids = [.. prompt, .. tokenizer.Encode(messages[^1].Content), EndOfText];
        var labels = (int[])ids.Clone();
        if (options.Mask != LossMask.All) labels.AsSpan(0, prompt.Length).Fill(TrainingRow.IgnoredLabel);
        return new TrainingRow(ids, labels);
    }

    /// <summary>
    /// A prompt and what follows it, as one text that ends with the end-of-text token. A token that holds text of both
    /// belongs to the completion.
    /// </summary>
    public TrainingRow EncodeCompletion(string prompt, string completion)
    {
        var encoded = tokenizer.Encode(prompt + completion, [prompt.Length], addSpecialTokens: true);
        var ids = WithEnd(encoded.Ids);
        var labels = (int[])ids.Clone();
        if (options.Mask != LossMask.All) labels.AsSpan(0, encoded.FirstTokens[0]).Fill(TrainingRow.IgnoredLabel);
        return new TrainingRow(ids, labels);
    }

    /// <summary>A text that is learnt as a whole, ended by the end-of-text token.</summary>
    public TrainingRow EncodeText(string text)
    {
        var ids = tokenizer.Encode(text, addSpecialTokens: true);
        if (text.Length > 0) ids = WithEnd(ids);
        return new TrainingRow(ids, (int[])ids.Clone());
    }

    private int[] WithEnd(int[] ids) => ids.Length > 0 && ids[^1] == EndOfText ? ids : [.. ids, EndOfText];

    /// <summary>The assistant messages whose turns must be known.</summary>
    private List<int> WantedMessages(ChatConversation conversation)
    {
        var messages = conversation.Messages;
        var assistants = Enumerable.Range(conversation.PromptCount, messages.Count - conversation.PromptCount).Where(i => messages[i].Role == "assistant");
        return options.Mask switch
        {
            LossMask.CompletionOnly when conversation.PromptCount == 0 => [.. assistants.TakeLast(1)],
            LossMask.All => [.. assistants.Where(i => messages[i].Weight != 1)],
            _ => [.. assistants],
        };
    }

    private void TrainEnds(int[] ids, int[] labels, int end)
    {
        var isLater = false;
        for (var i = labels.Length - 1; i >= 0; i--)
        {
            if (ids[i] != end) continue;
            var isTrained = labels[i] != TrainingRow.IgnoredLabel;
            if (options.TrainOnEos == TrainOnEos.All) labels[i] = end;
            if (options.TrainOnEos == TrainOnEos.None || options.TrainOnEos == TrainOnEos.Last && isLater) labels[i] = TrainingRow.IgnoredLabel;
            isLater |= isTrained;
        }
    }

    private ChatTemplate Resolve()
    {
        var template = ChatTemplate.Resolve(tokenizer, options.ChatTemplate);
        endOfTurn = EndOfTurn.Find(template, tokenizer);
        turnFinder = new AssistantTurns(template, endOfTurn);
        return resolvedTemplate = template;
    }
}
