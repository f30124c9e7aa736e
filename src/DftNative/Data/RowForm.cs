namespace DftNative.Data;

/// <summary>Which of a file's fields make a row.</summary>
public enum RowForm
{
    /// <summary>The first of the forms below that the row has.</summary>
    Auto,

    /// <summary><c>input_ids</c>, <c>labels</c> and optional <c>token_weights</c>: tokenised already.</summary>
    InputIds,

    /// <summary><c>messages</c>: a list of role and content.</summary>
    Messages,

    /// <summary><c>conversations</c>: ShareGPT's list of from and value, with an optional field <c>system</c>.</summary>
    Conversations,

    /// <summary><c>prompt</c> and <c>completion</c>, texts or lists of messages.</summary>
    PromptCompletion,

    /// <summary><c>question</c> and <c>answer</c>: a user and an assistant turn.</summary>
    QuestionAnswer,

    /// <summary><c>problem</c> and <c>solution</c>: a user and an assistant turn.</summary>
    ProblemSolution,

    /// <summary>Alpaca's <c>instruction</c>, <c>input</c>, <c>output</c>: a user turn of instruction and, on a line of its own, input; an assistant turn.</summary>
    Alpaca,

    /// <summary><c>text</c>: learnt as a whole.</summary>
    Text,
}
