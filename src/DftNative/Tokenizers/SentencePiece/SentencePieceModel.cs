using System.Text;

namespace DftNative.Tokenizers;

/// <summary>What a SentencePiece file (sentencepiece_model.proto) holds; defaults are the format's.</summary>
internal sealed class SentencePieceModel
{
    /// <summary>The file's number for a BPE model.</summary>
    public const int BytePair = 2;

    /// <summary>Pieces by id.</summary>
    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = [];

    /// <summary>1: unigram, 2: BPE, 3: word, 4: character.</summary>
    public int ModelType { get; private set; } = 1;

    /// <summary>Whether the space mark ends words.</summary>
    public bool IsMarkSuffix { get; private set; }

    /// <summary>Whether characters without a piece become bytes.</summary>
    public bool FallsBackToBytes { get; private set; }

    /// <summary>The normalizer's name.</summary>
    public string NormalizerName { get; private set; } = "";

    /// <summary>Whether characters are mapped before anything else.</summary>
    public bool HasCharacterMap { get; private set; }

    /// <summary>Whether a space is put before a text.</summary>
    public bool AddsPrefixSpace { get; private set; } = true;

    /// <summary>Whether several spaces become one, and those at the ends none.</summary>
    public bool RemovesExtraSpaces { get; private set; } = true;

    /// <summary>Whether spaces become marks.</summary>
    public bool EscapesSpaces { get; private set; } = true;

    /// <summary>Parses a file.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static SentencePieceModel Parse(ReadOnlySpan<byte> bytes)
    {
        var model = new SentencePieceModel();
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            switch (reader.Field)
            {
                case 1:
                    model.ReadPiece(reader.Bytes);
                    break;
                case 2:
                    model.ReadTrainer(reader.Bytes);
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes);
                    break;
            }
        }

        return model;
    }

    private void ReadPiece(ReadOnlySpan<byte> bytes)
    {
        var (text, score, kind) = ("", 0f, PieceKind.Normal);
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (reader.Field == 1) text = Encoding.UTF8.GetString(reader.Bytes);
            if (reader.Field == 2) score = BitConverter.UInt32BitsToSingle((uint)reader.Number);
            if (reader.Field == 3) kind = (PieceKind)reader.Number;
        }

        Pieces.Add((text, score, kind));
    }

    private void ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (reader.Field == 3) ModelType = (int)reader.Number;
            if (reader.Field == 24) IsMarkSuffix = reader.Number != 0;
            if (reader.Field == 35) FallsBackToBytes = reader.Number != 0;
        }
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (reader.Field == 1) NormalizerName = Encoding.UTF8.GetString(reader.Bytes);
            if (reader.Field == 2) HasCharacterMap = !reader.Bytes.IsEmpty;
            if (reader.Field == 3) AddsPrefixSpace = reader.Number != 0;
            if (reader.Field == 4) RemovesExtraSpaces = reader.Number != 0;
            if (reader.Field == 5) EscapesSpaces = reader.Number != 0;
        }
    }
}
