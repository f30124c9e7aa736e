using DftNative.Tokenizers;

namespace DftNative.Data;

/// <summary>Turns texts and conversations into rows.</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="options">Which tokens are trained, and the chat template.</param>
internal sealed class TextRowEncoder(Tokenizer tokenizer, RowReaderOptions options)
{
    private ChatFormat? resolvedFormat;
    private int endOfTurnId;

    /// <summary>The model's chat format.</summary>
    /// <exception cref="DftNativeException">It is not known, or the tokenizer lacks its tokens.</exception>
    public ChatFormat Format => resolvedFormat ??= ResolveFormat();

    /// <summary>A conversation: all is masked but the assistant turns that the options name.</summary>
    /// <param name="messages">At least one.</param>
    /// <param name="promptCount">How many of them are prompt: no turn among them is a completion.</param>
    public TrainingRow EncodeMessages(IReadOnlyList<ChatMessage> messages, int promptCount)
    {
        var format = Format;
        var chat = format.Render(messages);
        var turns = TrainedTurns(messages, chat, promptCount);
        var boundaries = chat.AssistantTurns.SelectMany(turn => new[] { turn.Start, turn.End }).ToArray();
        var encoded = tokenizer.Encode(chat.Text, boundaries, addSpecialTokens: false);
        var labels = new int[encoded.Ids.Length];
        Array.Fill(labels, TrainingRow.IgnoredLabel);
        if (options.Mask == LossMask.All)
        {
            // Up to the last end of turn; the line break that some templates write after it is never produced.
            Train(0, Array.LastIndexOf(encoded.Ids, endOfTurnId) + 1);
        }
        else
        {
            foreach (var turn in turns) Train(encoded.FirstTokens[2 * turn], encoded.FirstTokens[2 * turn + 1]);
        }

        return new TrainingRow(encoded.Ids, labels);

        void Train(int start, int end) => encoded.Ids.AsSpan(start, end - start).CopyTo(labels.AsSpan(start));
    }

    /// <summary>The last message as the answer to those before it: prompt and answer are tokenised apart, and the end-of-text token follows.</summary>
    /// <param name="messages">At least two; the last is the assistant's.</param>
    public TrainingRow EncodeResponse(IReadOnlyList<ChatMessage> messages)
    {
        var prompt = tokenizer.Encode(Format.Render([.. messages.SkipLast(1)], addGenerationPrompt: true).Text);
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

    private int EndOfText => tokenizer.EosTokenId
        ?? throw new DftNativeException(ExitCode.InvalidInput, "the tokenizer has no end-of-text token; name one as eos_token in tokenizer_config.json");

    private int[] WithEnd(int[] ids) => ids.Length > 0 && ids[^1] == EndOfText ? ids : [.. ids, EndOfText];

    /// <summary>Indices among the assistant turns.</summary>
    private IEnumerable<int> TrainedTurns(IReadOnlyList<ChatMessage> messages, RenderedChat chat, int promptCount)
    {
        var first = messages.Take(promptCount).Count(message => message.Role == "assistant");
        var count = chat.AssistantTurns.Count;
        if (promptCount == 0 && options.Mask == LossMask.CompletionOnly) first = Math.Max(0, count - 1);
        return Enumerable.Range(first, count - first);
    }

    private ChatFormat ResolveFormat()
    {
        var format = ChatFormat.Resolve(tokenizer, options.ChatTemplate);
        var ids = tokenizer.Encode(format.EndOfTurn);
        if (ids.Length != 1) throw new DftNativeException(ExitCode.InvalidInput, $"the chat template {format.Name} needs the token {format.EndOfTurn}, which the tokenizer lacks; give another --chat_template");
        endOfTurnId = ids[0];
        return format;
    }
}
