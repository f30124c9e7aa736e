using System.Text.Json;
using DftNative.Data.Sources;

namespace DftNative.Data;

/// <summary>Tells a row's form by its fields.</summary>
internal static class RowForms
{
    private static readonly (RowForm Form, string[] Required, string[] All)[] Forms =
    [
        (RowForm.InputIds, ["input_ids"], ["input_ids", "labels", "token_weights"]),
        (RowForm.Messages, ["messages"], ["messages"]),
        (RowForm.Conversations, ["conversations"], ["conversations"]),
        (RowForm.PromptCompletion, ["prompt"], ["prompt", "completion"]),
        (RowForm.QuestionAnswer, ["question", "answer"], ["question", "answer"]),
        (RowForm.ProblemSolution, ["problem", "solution"], ["problem", "solution"]),
        (RowForm.Alpaca, ["instruction", "output"], ["instruction", "input", "output"]),
        (RowForm.Text, ["text"], ["text"]),
    ];

    /// <summary>The form of a row.</summary>
    /// <param name="root">The row.</param>
    /// <param name="asked">What the user asked for.</param>
    /// <param name="columns">Renamed columns: a form with one of them is what the user means.</param>
    /// <exception cref="InvalidRowException">The row has not the fields.</exception>
    public static RowForm Find(JsonElement root, RowForm asked, ColumnMapping columns)
    {
        foreach (var (form, required, all) in Forms)
        {
            if (asked != RowForm.Auto && asked != form) continue;
            if (asked == RowForm.Auto && !columns.IsEmpty && !columns.Fields.Any(all.Contains)) continue;
            if (required.All(field => RowFields.TryGet(root, field, out _))) return form;
            if (asked == form) throw new InvalidRowException($"has not the fields {string.Join(" and ", required)} of the row form that was asked for; it has {Names(root)}");
        }

        throw new InvalidRowException(
            "has none of the fields of a row: messages, conversations, prompt and completion, question and answer, problem and solution, instruction and output, text, "
            + $"or input_ids and labels; it has {Names(root)}; name them with --column, such as --column question=COLUMN");
    }

    private static string Names(JsonElement root)
    {
        const int most = 20;
        var names = root.EnumerateObject().Select(property => property.Name).Take(most + 1).ToArray();
        return names.Length == 0 ? "no fields" : string.Join(", ", names.Take(most)) + (names.Length > most ? ", …" : "");
    }
}
