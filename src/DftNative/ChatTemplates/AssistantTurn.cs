namespace DftNative.ChatTemplates;

/// <summary>What the model is to say of a rendered conversation: from behind the turn's header up to and with its end-of-turn token.</summary>
/// <param name="Message">Which message it is.</param>
/// <param name="Start">Where it begins, in UTF-16 units.</param>
/// <param name="End">One past its last unit.</param>
internal readonly record struct AssistantTurn(int Message, int Start, int End);
