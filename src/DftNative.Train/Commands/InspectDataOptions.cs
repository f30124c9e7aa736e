using DftNative.Data;

namespace DftNative.Train.Commands;

/// <summary>What <c>inspect-data</c> was asked to do.</summary>
/// <param name="Model">The model directory; without tokenizer files ids are shown.</param>
/// <param name="Files">The data.</param>
/// <param name="Rows">How many rows are shown; all are counted.</param>
/// <param name="Reader">How rows are made.</param>
/// <param name="UseColor">Whether trained tokens are coloured instead of bracketed.</param>
internal sealed record InspectDataOptions(string Model, IReadOnlyList<string> Files, int Rows, RowReaderOptions Reader, bool UseColor);
