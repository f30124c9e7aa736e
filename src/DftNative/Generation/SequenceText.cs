using System.Text;
using DftNative.Tokenizers;

namespace DftNative.Generation;

/// <summary>The text of a sequence while it is drawn, and its end at a stop string.</summary>
/// <param name="tokenizer">Whose tokens they are.</param>
/// <param name="stopStrings">Texts that end it.</param>
internal sealed class SequenceText(Tokenizer tokenizer, IReadOnlyList<string> stopStrings)
{
    private readonly TokenTextStream stream = new(tokenizer);
    private readonly StringBuilder text = new();
    private readonly int longest = stopStrings.Count == 0 ? 0 : stopStrings.Max(static stop => stop.Length);
    private int certain;

    /// <summary>Whether a stop string was found: the text ends before it.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Adds a token.</summary>
    /// <returns>The part of the text that is certain now: no stop string can begin in it.</returns>
    public string Append(int token)
    {
        var piece = Add(stream.Append(token), isEnd: false);
        if (longest == 0 || IsStopped || stream.Waiting is not { Length: > 0 } waiting) return piece;

        // A stop string ends the sequence here, so that nothing follows that could change what waits.
        return FirstStop(waiting, out _) < 0 ? piece : piece + Add(waiting, isEnd: false);
    }

    /// <summary>Ends the text.</summary>
    /// <returns>The rest of it.</returns>
    public string Complete() => IsStopped ? "" : Add(stream.Complete(), isEnd: true);

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    private string Add(string piece, bool isEnd)
    {
        if (piece.Length > 0 && longest > 0) FindStop(piece);
        else text.Append(piece);
        var end = IsStopped || isEnd ? text.Length : LengthWithoutBeginOfStop();
        if (end <= certain) return "";
        var result = text.ToString(certain, end - certain);
        certain = end;
        return result;
    }

    private void FindStop(string piece)
    {
        var first = FirstStop(piece, out var start);
        text.Append(piece);
        if (first < 0) return;
        text.Length = start + first;
        IsStopped = true;
    }

    /// <summary>Where the first stop string would be from <paramref name="start"/> on if the piece were added; below 0: nowhere.</summary>
    private int FirstStop(string piece, out int start)
    {
        start = Math.Max(certain, text.Length - longest + 1);
        var tail = text.ToString(start, text.Length - start) + piece;
        var first = -1;
        foreach (var stop in stopStrings)
        {
            var place = tail.IndexOf(stop, StringComparison.Ordinal);
            if (place >= 0 && (first < 0 || place < first)) first = place;
        }

        return first;
    }

    /// <summary>Where the longest end of the text that begins a stop string begins.</summary>
    private int LengthWithoutBeginOfStop()
    {
        if (longest <= 1) return text.Length;
        var start = Math.Max(certain, text.Length - longest + 1);
        var tail = text.ToString(start, text.Length - start);
        for (var place = 0; place < tail.Length; place++)
            if (stopStrings.Any(stop => stop.AsSpan().StartsWith(tail.AsSpan(place), StringComparison.Ordinal))) return start + place;
        return text.Length;
    }
}
