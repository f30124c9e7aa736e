namespace DftNative.Data.Parquet;

/// <summary>A page's header (parquet.thrift, PageHeader).</summary>
internal sealed class ParquetPageHeader
{
    /// <summary>What kind of page: 0 data, 1 an index, 2 a dictionary, 3 data of the second version.</summary>
    public int Kind { get; private set; } = -1;

    /// <summary>Bytes that follow the header.</summary>
    public int CompressedLength { get; private set; } = -1;

    /// <summary>Bytes of the page once decompressed.</summary>
    public int Length { get; private set; } = -1;

    /// <summary>Entries, nulls among them.</summary>
    public int ValueCount { get; private set; }

    /// <summary>Of the values.</summary>
    public ParquetEncoding Encoding { get; private set; }

    /// <summary>Of the levels; of the first version only.</summary>
    public ParquetEncoding LevelEncoding { get; private set; } = ParquetEncoding.Rle;

    /// <summary>Bytes of the definition levels; of the second version only.</summary>
    public int DefinitionLength { get; private set; }

    /// <summary>Bytes of the repetition levels; of the second version only.</summary>
    public int RepetitionLength { get; private set; }

    /// <summary>Whether the values are compressed.</summary>
    public bool IsCompressed { get; private set; } = true;

    /// <summary>Reads a header.</summary>
    /// <param name="bytes">Begin with it.</param>
    /// <param name="length">Its length.</param>
    public static ParquetPageHeader Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new ThriftReader(bytes);
        var header = new ParquetPageHeader();
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    header.Kind = reader.ReadInt32(type);
                    break;
                case 2:
                    header.Length = reader.ReadInt32(type);
                    break;
                case 3:
                    header.CompressedLength = reader.ReadInt32(type);
                    break;
                case 5 or 7 or 8:
                    ThriftReader.ExpectStructure(type);
                    header.ReadKind(ref reader, isSecondVersion: id == 8);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        length = reader.Position;
        return header;
    }

    private void ReadKind(ref ThriftReader reader, bool isSecondVersion)
    {
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id, isSecondVersion)
            {
                case (1, _):
                    ValueCount = reader.ReadInt32(type);
                    break;
                case (2, false) or (4, true):
                    Encoding = (ParquetEncoding)reader.ReadInt32(type);
                    break;
                case (3 or 4, false) when type is ThriftType.Int32:
                    if ((ParquetEncoding)reader.ReadInt32(type) is var encoding && encoding != ParquetEncoding.Rle) LevelEncoding = encoding;
                    break;
                case (5, true):
                    DefinitionLength = reader.ReadInt32(type);
                    break;
                case (6, true):
                    RepetitionLength = reader.ReadInt32(type);
                    break;
                case (7, true):
                    IsCompressed = ThriftReader.ReadBoolean(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
    }
}
