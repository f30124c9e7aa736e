namespace DftNative.Data.Parquet;

/// <summary>Reads the structures of a footer (parquet.thrift).</summary>
internal static class ParquetFooter
{
    private const int MaxSchemaDepth = 32;

    /// <summary>Reads a footer.</summary>
    /// <param name="bytes">The structure FileMetaData.</param>
    /// <param name="dataEnd">Where the pages end in the file.</param>
    /// <exception cref="InvalidParquetException">It is not one, or says what cannot be.</exception>
    public static ParquetMetadata Read(ReadOnlySpan<byte> bytes, long dataEnd)
    {
        var reader = new ThriftReader(bytes);
        var elements = new List<SchemaElement>();
        var groups = new List<ParquetRowGroup>();
        var rowCount = -1L;
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 2:
                    for (var i = reader.ReadList(type, ThriftType.Structure); i > 0; i--) elements.Add(ReadSchemaElement(ref reader));
                    break;
                case 3:
                    rowCount = reader.ReadInt64(type);
                    break;
                case 4:
                    for (var i = reader.ReadList(type, ThriftType.Structure); i > 0; i--) groups.Add(ReadRowGroup(ref reader, dataEnd));
                    break;
                case 8:
                    throw new InvalidParquetException("it is encrypted, which is not supported");
                default:
                    reader.Skip(type);
                    break;
            }
        }

        if (elements.Count == 0) throw new InvalidParquetException("its footer has no schema");
        var (next, leaf) = (0, 0);
        var root = BuildNode(elements, ref next, ref leaf, null, 0);
        if (next != elements.Count || root.Type is not null) throw new InvalidParquetException("its footer's schema is not a tree");
        Check(groups, rowCount, leaf);
        return new ParquetMetadata(root, rowCount, groups);
    }

    private static void Check(List<ParquetRowGroup> groups, long rowCount, int leafCount)
    {
        var remaining = rowCount;
        foreach (var group in groups)
        {
            if (group.Columns.Count != leafCount) throw new InvalidParquetException($"a group of rows has {group.Columns.Count} columns, its schema {leafCount}");
            if (group.RowCount < 0 || group.RowCount > remaining) throw new InvalidParquetException("its groups of rows have more rows than the file");
            remaining -= group.RowCount;
        }

        if (remaining != 0) throw new InvalidParquetException("its groups of rows have fewer rows than the file");
    }

    private static ParquetNode BuildNode(List<SchemaElement> elements, ref int next, ref int leaf, ParquetNode? parent, int depth)
    {
        if (next == elements.Count) throw new InvalidParquetException("its footer's schema ends too early");
        if (depth > MaxSchemaDepth) throw new InvalidParquetException($"its schema is deeper than {MaxSchemaDepth}");
        var element = elements[next++];
        var (isOptional, isRepeated) = parent is null ? (false, false) : (element.Repetition == 1, element.Repetition == 2);
        var node = new ParquetNode
        {
            Name = element.Name,
            Type = element.Type,
            Annotation = element.Annotation,
            IsOptional = isOptional,
            IsRepeated = isRepeated,
            MaxDefinitionLevel = (parent?.MaxDefinitionLevel ?? 0) + (isOptional || isRepeated ? 1 : 0),
            MaxRepetitionLevel = (parent?.MaxRepetitionLevel ?? 0) + (isRepeated ? 1 : 0),
            FirstLeaf = leaf,
        };
        if (element.Type is not null)
        {
            leaf++;
            return node;
        }

        if (element.ChildCount <= 0) throw new InvalidParquetException($"its schema has a group '{element.Name}' without children");
        for (var i = 0; i < element.ChildCount; i++) node.Children.Add(BuildNode(elements, ref next, ref leaf, node, depth + 1));
        return node;
    }

    private static SchemaElement ReadSchemaElement(ref ThriftReader reader)
    {
        var element = new SchemaElement();
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    element.Type = ToType(reader.ReadInt32(type));
                    break;
                case 3:
                    element.Repetition = reader.ReadInt32(type);
                    break;
                case 4:
                    element.Name = reader.ReadText(type);
                    break;
                case 5:
                    element.ChildCount = reader.ReadInt32(type);
                    break;
                case 6:
                    element.Annotation = FromConvertedType(reader.ReadInt32(type));
                    break;
                case 10:
                    ThriftReader.ExpectStructure(type);
                    element.Annotation = ReadLogicalType(ref reader);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        // Writers leave a group's type out; some write num_children 0 for a leaf.
        if (element.ChildCount > 0) element.Type = null;
        return element;
    }

    private static ParquetAnnotation FromConvertedType(int value) => value switch
    {
        3 => ParquetAnnotation.List,
        0 or 1 or 2 or 4 or 19 or (>= 15 and <= 18) => ParquetAnnotation.None,
        >= 11 and <= 14 => ParquetAnnotation.Unsigned,
        _ => ParquetAnnotation.Unsupported,
    };

    private static ParquetAnnotation ReadLogicalType(ref ThriftReader reader)
    {
        var annotation = ParquetAnnotation.None;
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 3:
                    annotation = ParquetAnnotation.List;
                    reader.Skip(type);
                    break;
                case 10:
                    ThriftReader.ExpectStructure(type);
                    for (short field = 0; reader.ReadField(ref field, out var fieldType);)
                    {
                        if (field == 2 && !ThriftReader.ReadBoolean(fieldType)) annotation = ParquetAnnotation.Unsigned;
                        else if (field != 2) reader.Skip(fieldType);
                    }

                    break;
                default:
                    if (id is not (1 or 2 or 4 or 11 or 12)) annotation = ParquetAnnotation.Unsupported;
                    reader.Skip(type);
                    break;
            }
        }

        return annotation;
    }

    private static ParquetRowGroup ReadRowGroup(ref ThriftReader reader, long dataEnd)
    {
        var columns = new List<ParquetColumnChunk>();
        var rowCount = -1L;
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    for (var i = reader.ReadList(type, ThriftType.Structure); i > 0; i--) columns.Add(ReadColumnChunk(ref reader, dataEnd));
                    break;
                case 3:
                    rowCount = reader.ReadInt64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return new ParquetRowGroup(columns, rowCount);
    }

    private static ParquetColumnChunk ReadColumnChunk(ref ThriftReader reader, long dataEnd)
    {
        ParquetColumnChunk? chunk = null;
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    throw new InvalidParquetException("a column is in another file, which is not supported");
                case 3:
                    ThriftReader.ExpectStructure(type);
                    chunk = ReadColumnMetadata(ref reader, dataEnd);
                    break;
                case 8 or 9:
                    throw new InvalidParquetException("a column is encrypted, which is not supported");
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return chunk ?? throw new InvalidParquetException("a column has no metadata");
    }

    private static ParquetColumnChunk ReadColumnMetadata(ref ThriftReader reader, long dataEnd)
    {
        var (physicalType, codec) = (-1, -1);
        var (valueCount, length, dataOffset, dictionaryOffset) = (-1L, -1L, -1L, 0L);
        for (short id = 0; reader.ReadField(ref id, out var type);)
        {
            switch (id)
            {
                case 1:
                    physicalType = reader.ReadInt32(type);
                    break;
                case 4:
                    codec = reader.ReadInt32(type);
                    break;
                case 5:
                    valueCount = reader.ReadInt64(type);
                    break;
                case 7:
                    length = reader.ReadInt64(type);
                    break;
                case 9:
                    dataOffset = reader.ReadInt64(type);
                    break;
                case 11:
                    dictionaryOffset = reader.ReadInt64(type);
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        var offset = dictionaryOffset > 0 && dictionaryOffset < dataOffset ? dictionaryOffset : dataOffset;
        if (offset < ParquetFile.MagicLength || length < 0 || length > dataEnd - offset || valueCount < 0) throw new InvalidParquetException("a column lies outside the file");
        return new ParquetColumnChunk(ToType(physicalType), (ParquetCodec)codec, valueCount, offset, length);
    }

    private static ParquetType ToType(int value) => value is >= 0 and <= 7
        ? (ParquetType)value
        : throw new InvalidParquetException($"it has a column of an unknown type {value}");

    private sealed class SchemaElement
    {
        public ParquetType? Type { get; set; }

        public int Repetition { get; set; }

        public string Name { get; set; } = "";

        public int ChildCount { get; set; }

        public ParquetAnnotation Annotation { get; set; }
    }
}
