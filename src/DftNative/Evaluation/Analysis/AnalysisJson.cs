using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace DftNative.Evaluation.Analysis;

/// <summary>analysis.json: the numbers of an analysis, for programs.</summary>
public static class AnalysisJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an analysis.</summary>
    /// <param name="stream">Receives UTF-8.</param>
    /// <param name="analysis">The analysis.</param>
    /// <param name="moveCount">The most tokens of each list of moves.</param>
    public static void Write(Stream stream, TokenAnalysis analysis, int moveCount)
    {
        using var json = new Utf8JsonWriter(stream, Options);
        json.WriteStartObject();
        json.WriteNumber("rows", analysis.Rows.Count);
        json.WriteNumber("targets", analysis.TargetCount);
        json.WriteStartArray("models");
        foreach (var model in analysis.Models) WriteModel(json, analysis, model, moveCount);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, TokenAnalysis analysis, AnalyzedModel model, int moveCount)
    {
        var statistics = model.Targets.Statistics;
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("path", model.Path);
        WriteFinite(json, "nll", statistics.NegativeLogLikelihood);
        WriteFinite(json, "mean_token_probability", statistics.MeanTokenProbability);
        WriteFinite(json, "token_accuracy", statistics.TokenAccuracy);
        WriteFinite(json, "mean_entropy", model.Targets.MeanEntropy);
        json.WritePropertyName("probability_histogram");
        // On one line: 64 lines of a number each help nobody.
        json.WriteRawValue($"[{string.Join(", ", statistics.Histogram.Select(count => ((long)count).ToString(CultureInfo.InvariantCulture)))}]");
        if (model != analysis.Base) WriteMoves(json, analysis, analysis.FindMoves(model, moveCount));
        json.WriteEndObject();
    }

    private static void WriteMoves(Utf8JsonWriter json, TokenAnalysis analysis, TokenMoves moves)
    {
        WriteFinite(json, "share_up", moves.ShareUp);
        WriteFinite(json, "share_down", moves.ShareDown);
        WriteList("moved_up", moves.Up, WriteMove);
        WriteList("moved_down", moves.Down, WriteMove);
        WriteList("types_moved_up", moves.TypesUp, WriteType);
        WriteList("types_moved_down", moves.TypesDown, WriteType);

        void WriteList<T>(string name, IReadOnlyList<T> list, Action<T> write)
        {
            json.WriteStartArray(name);
            foreach (var item in list)
            {
                json.WriteStartObject();
                write(item);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        void WriteMove(TokenMove move)
        {
            json.WriteNumber("row", move.Row + 1);
            json.WriteNumber("position", move.Position);
            WriteToken(move.TokenId, move.BaseProbability, move.Probability);
        }

        void WriteType(TokenTypeMove move)
        {
            json.WriteNumber("count", move.Count);
            WriteToken(move.TokenId, move.BaseProbability, move.Probability);
        }

        void WriteToken(int id, double before, double after)
        {
            json.WriteNumber("token_id", id);
            json.WriteString("token", analysis.Show(id));
            json.WriteNumber("base_probability", before);
            json.WriteNumber("probability", after);
        }
    }

    private static void WriteFinite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}
