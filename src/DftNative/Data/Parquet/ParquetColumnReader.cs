using System.Buffers.Binary;

namespace DftNative.Data.Parquet;

/// <summary>Reads a leaf's entries within a group of rows one after the other; memory holds one page and the dictionary.</summary>
internal sealed class ParquetColumnReader
{
    private const int MaxPageLength = 1 << 28;
    private const int MaxHeaderLength = 1 << 24;
    private const int FirstHeaderLength = 1 << 12;

    private readonly ParquetFile file;
    private readonly ParquetNode leaf;
    private readonly ParquetColumnChunk chunk;
    private readonly long end;
    private long position;
    private long entriesLeft;
    private int pageEntriesLeft;
    private ParquetValues? dictionary;
    private ParquetValues? values;
    private RunLengthDecoder? repetitionLevels;
    private RunLengthDecoder? definitionLevels;
    private RunLengthDecoder? indices;

    /// <summary>Stands at the first entry.</summary>
    /// <param name="file">The file.</param>
    /// <param name="leaf">The column.</param>
    /// <param name="chunk">Where its pages are.</param>
    /// <exception cref="InvalidParquetException">A page is damaged or of a kind that is not read.</exception>
    public ParquetColumnReader(ParquetFile file, ParquetNode leaf, ParquetColumnChunk chunk)
    {
        (this.file, this.leaf, this.chunk) = (file, leaf, chunk);
        if (chunk.Type != leaf.Type) throw Invalid("has another type than its schema says");
        (position, end, entriesLeft) = (chunk.Offset, chunk.Offset + chunk.Length, chunk.ValueCount);
        Advance();
    }

    /// <summary>Whether there is an entry.</summary>
    public bool HasEntry { get; private set; }

    /// <summary>The level that the entry repeats.</summary>
    public int RepetitionLevel { get; private set; }

    /// <summary>How far the entry's path is there; <see cref="ParquetNode.MaxDefinitionLevel"/>: it has a value.</summary>
    public int DefinitionLevel { get; private set; }

    /// <summary>The entry's value as the file has it.</summary>
    public ReadOnlyMemory<byte> Value { get; private set; }

    /// <summary>Goes to the next entry.</summary>
    public void Advance()
    {
        while (pageEntriesLeft == 0)
        {
            HasEntry = entriesLeft > 0;
            if (!HasEntry) return;
            ReadPage();
        }

        HasEntry = true;
        pageEntriesLeft--;
        entriesLeft--;
        RepetitionLevel = ReadLevel(repetitionLevels, leaf.MaxRepetitionLevel);
        DefinitionLevel = ReadLevel(definitionLevels, leaf.MaxDefinitionLevel);
        if (DefinitionLevel < leaf.MaxDefinitionLevel) Value = default;
        else if (indices is null) Value = values!.Next();
        else Value = dictionary!.At(indices.Next());
    }

    private int ReadLevel(RunLengthDecoder? levels, int maximum)
    {
        if (levels is null) return 0;
        var level = levels.Next();
        return level <= maximum ? (int)level : throw Invalid($"has a level {level} above {maximum}");
    }

    private void ReadPage()
    {
        var header = ReadHeader();
        if (header.CompressedLength < 0 || header.CompressedLength > end - position) throw Invalid("has a page that lies outside it");
        if (header.Length is < 0 or > MaxPageLength) throw Invalid($"has a page of {header.Length} bytes; at most {MaxPageLength} are read");
        if (header.ValueCount < 0) throw Invalid("has a page of a negative number of values");
        var bytes = new byte[header.CompressedLength];
        file.Read(position, bytes);
        position += header.CompressedLength;
        switch (header.Kind)
        {
            case 0:
                ReadFirstVersion(header, bytes);
                break;
            case 2:
                ReadDictionary(header, bytes);
                break;
            case 3:
                ReadSecondVersion(header, bytes);
                break;
            default:
                // Index pages, and kinds to come, hold nothing that a row needs.
                break;
        }
    }

    private ParquetPageHeader ReadHeader()
    {
        for (var length = FirstHeaderLength; ; length *= 2)
        {
            var available = (int)Math.Min(length, end - position);
            if (available == 0) throw Invalid("ends too early");
            var bytes = new byte[available];
            file.Read(position, bytes);
            try
            {
                var header = ParquetPageHeader.Read(bytes, out var headerLength);
                position += headerLength;
                return header;
            }
            catch (InvalidParquetException) when (available == length && length < MaxHeaderLength)
            {
                // Statistics of long texts can make a header long.
            }
        }
    }

    private void ReadDictionary(ParquetPageHeader header, byte[] bytes)
    {
        if (dictionary is not null) throw Invalid("has two dictionaries");
        if (header.Encoding is not (ParquetEncoding.Plain or ParquetEncoding.PlainDictionary)) throw UnsupportedEncoding(header.Encoding);
        var page = PageDecompressor.Decompress(chunk.Codec, bytes, header.Length);
        dictionary = ParquetValues.ReadDictionary(leaf.Type!.Value, page, header.ValueCount);
    }

    private void ReadFirstVersion(ParquetPageHeader header, byte[] bytes)
    {
        if (header.LevelEncoding != ParquetEncoding.Rle && leaf.MaxDefinitionLevel > 0) throw UnsupportedEncoding(header.LevelEncoding);
        var page = PageDecompressor.Decompress(chunk.Codec, bytes, header.Length);
        repetitionLevels = TakeLevels(ref page, leaf.MaxRepetitionLevel);
        definitionLevels = TakeLevels(ref page, leaf.MaxDefinitionLevel);
        StartPage(header, page);
    }

    private void ReadSecondVersion(ParquetPageHeader header, byte[] bytes)
    {
        var (repetitionLength, definitionLength) = (header.RepetitionLength, header.DefinitionLength);
        if (repetitionLength < 0 || definitionLength < 0 || (long)repetitionLength + definitionLength > Math.Min(bytes.Length, header.Length))
            throw Invalid("has a page whose levels are longer than it");
        var levelLength = repetitionLength + definitionLength;
        repetitionLevels = MakeLevels(bytes.AsMemory(0, repetitionLength), leaf.MaxRepetitionLevel);
        definitionLevels = MakeLevels(bytes.AsMemory(repetitionLength, definitionLength), leaf.MaxDefinitionLevel);

        // Where all is null some writers leave the values out, compressed or not.
        var compressed = bytes.AsMemory(levelLength);
        var page = compressed.Length == 0
            ? compressed
            : PageDecompressor.Decompress(header.IsCompressed ? chunk.Codec : ParquetCodec.Uncompressed, compressed, header.Length - levelLength);
        StartPage(header, page);
    }

    private void StartPage(ParquetPageHeader header, ReadOnlyMemory<byte> page)
    {
        if (header.ValueCount > entriesLeft) throw Invalid("has pages with more values than its metadata says");
        pageEntriesLeft = header.ValueCount;
        (values, indices) = (null, null);
        switch (header.Encoding)
        {
            case ParquetEncoding.Plain:
                values = ParquetValues.ReadPlain(leaf.Type!.Value, page);
                break;
            case ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary:
                if (dictionary is null) throw Invalid("has no dictionary");
                indices = page.Length == 0 ? new RunLengthDecoder(page, 0) : MakeIndices(page);
                break;
            case ParquetEncoding.Rle when leaf.Type == ParquetType.Boolean:
                values = ParquetValues.ReadRuns(TakePrefixed(ref page));
                break;
            default:
                throw UnsupportedEncoding(header.Encoding);
        }
    }

    private RunLengthDecoder MakeIndices(ReadOnlyMemory<byte> page)
    {
        var bitWidth = page.Span[0];
        return bitWidth <= 32 ? new RunLengthDecoder(page[1..], bitWidth) : throw Invalid($"has indices of {bitWidth} bits");
    }

    private RunLengthDecoder? TakeLevels(ref ReadOnlyMemory<byte> page, int maximum) =>
        maximum == 0 ? null : MakeLevels(TakePrefixed(ref page), maximum);

    private static RunLengthDecoder? MakeLevels(ReadOnlyMemory<byte> levels, int maximum) =>
        maximum == 0 ? null : new RunLengthDecoder(levels, 32 - int.LeadingZeroCount(maximum));

    /// <summary>Takes bytes that are preceded by their length.</summary>
    private ReadOnlyMemory<byte> TakePrefixed(ref ReadOnlyMemory<byte> page)
    {
        if (page.Length < sizeof(uint)) throw Invalid("has a page that ends too early");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(page.Span);
        if (length > page.Length - sizeof(uint)) throw Invalid("has a page that ends too early");
        var taken = page.Slice(sizeof(uint), (int)length);
        page = page[(sizeof(uint) + (int)length)..];
        return taken;
    }

    private InvalidParquetException UnsupportedEncoding(ParquetEncoding encoding) =>
        Invalid($"has the encoding {encoding}, which is not supported; write the file again with plain or dictionary pages, for example by pandas' to_parquet(path)");

    private InvalidParquetException Invalid(string what) => new($"its column '{leaf.Name}' {what}");
}
