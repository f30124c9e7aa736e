namespace DftNative.Tests.Evaluation.Grading;

/// <summary>A row of the hand-checked table.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="AreEqual">Whether both mean the same.</param>
/// <param name="Prediction">An answer.</param>
/// <param name="Reference">The reference it is compared with.</param>
internal sealed record GradingPair(string Kind, bool AreEqual, string Prediction, string Reference)
{
    /// <summary>The table, from pairs.tsv.</summary>
    public static List<GradingPair> ReadAll()
    {
        using var stream = typeof(GradingPair).Assembly.GetManifestResourceStream("grading/pairs.tsv")!;
        using var reader = new StreamReader(stream);
        var pairs = new List<GradingPair>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var fields = line.Split('\t');
            pairs.Add(new GradingPair(fields[0], fields[1] == "=", fields[2], fields[3]));
        }

        return pairs;
    }

    public override string ToString() => $"{Kind}: {Prediction} {(AreEqual ? "=" : "≠")} {Reference}";
}
