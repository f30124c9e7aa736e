using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace DftNative.Data.Parquet;

/// <summary>Puts rows together from their leaves (Melnik et al. 2010, "Dremel", section 4.2) and writes them as JSON objects.</summary>
/// <param name="columns">The root's children that are written.</param>
/// <param name="leaves">The reader of each leaf by its place; null where it is not read.</param>
/// <param name="maxLength">The most bytes of a row.</param>
internal sealed class ParquetRowWriter(IReadOnlyList<ParquetNode> columns, ParquetColumnReader?[] leaves, int maxLength)
{
    /// <summary>Writes the next row.</summary>
    /// <exception cref="InvalidRowException">A text is not valid UTF-8, or the row is too long.</exception>
    /// <exception cref="InvalidParquetException">The leaves do not make a row.</exception>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach (var column in columns)
        {
            for (var leaf = column.FirstLeaf; leaf < column.FirstLeaf + column.LeafCount; leaf++)
            {
                if (!leaves[leaf]!.HasEntry) throw new InvalidParquetException($"its column '{column.Name}' has fewer rows than the file");
                if (leaves[leaf]!.RepetitionLevel != 0) throw Inconsistent(column);
            }

            json.WritePropertyName(column.Name);
            WriteNode(column, json);
        }

        json.WriteEndObject();
    }

    /// <summary>Checks that nothing is left.</summary>
    public void Finish()
    {
        foreach (var leaf in leaves)
            if (leaf is { HasEntry: true }) throw new InvalidParquetException("a column has more rows than its group");
    }

    private void WriteNode(ParquetNode node, Utf8JsonWriter json)
    {
        if (json.BytesCommitted + json.BytesPending > maxLength) throw new InvalidRowException($"is longer than {maxLength >> 20} MiB");
        if (node.IsRepeated) WriteRepeated(node, node, json);
        else if (IsAbsent(node)) WriteAbsent(node, json);
        else WriteContent(node, json);
    }

    private void WriteContent(ParquetNode node, Utf8JsonWriter json)
    {
        if (node.Type is not null)
        {
            WriteValue(node, json);
            return;
        }

        if (node is { Annotation: ParquetAnnotation.List, Children: [{ IsRepeated: true } repeated] })
        {
            WriteRepeated(repeated, repeated.IsElementOf(node) ? repeated : repeated.Children[0], json);
            return;
        }

        json.WriteStartObject();
        foreach (var child in node.Children)
        {
            json.WritePropertyName(child.Name);
            WriteNode(child, json);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes a list.</summary>
    /// <param name="repeated">The node that is there once an element.</param>
    /// <param name="element">The element: that node, or its only child.</param>
    /// <param name="json">Written to.</param>
    private void WriteRepeated(ParquetNode repeated, ParquetNode element, Utf8JsonWriter json)
    {
        json.WriteStartArray();
        if (IsAbsent(repeated))
        {
            Consume(repeated);
        }
        else
        {
            do
            {
                if (IsAbsent(repeated)) throw Inconsistent(repeated);
                if (element == repeated) WriteContent(element, json);
                else WriteNode(element, json);
            }
            while (IsRepeatedAgain(repeated));
        }

        json.WriteEndArray();
    }

    /// <summary>Whether the next entries go on with the list; the leaves below it must agree.</summary>
    private bool IsRepeatedAgain(ParquetNode repeated)
    {
        var first = IsAgain(repeated.FirstLeaf);
        for (var leaf = repeated.FirstLeaf + 1; leaf < repeated.FirstLeaf + repeated.LeafCount; leaf++)
            if (IsAgain(leaf) != first) throw Inconsistent(repeated);
        return first;

        bool IsAgain(int leaf)
        {
            if (!leaves[leaf]!.HasEntry) return false;
            return leaves[leaf]!.RepetitionLevel <= repeated.MaxRepetitionLevel ? leaves[leaf]!.RepetitionLevel == repeated.MaxRepetitionLevel : throw Inconsistent(repeated);
        }
    }

    /// <summary>Whether the entries do not reach a node; the leaves below it must agree.</summary>
    private bool IsAbsent(ParquetNode node)
    {
        var first = leaves[node.FirstLeaf]!.DefinitionLevel < node.MaxDefinitionLevel;
        for (var leaf = node.FirstLeaf + 1; leaf < node.FirstLeaf + node.LeafCount; leaf++)
        {
            if (!leaves[leaf]!.HasEntry || leaves[leaf]!.DefinitionLevel < node.MaxDefinitionLevel != first) throw Inconsistent(node);
        }

        return first;
    }

    private void WriteAbsent(ParquetNode node, Utf8JsonWriter json)
    {
        Consume(node);
        json.WriteNullValue();
    }

    private void Consume(ParquetNode node)
    {
        for (var leaf = node.FirstLeaf; leaf < node.FirstLeaf + node.LeafCount; leaf++) leaves[leaf]!.Advance();
    }

    private void WriteValue(ParquetNode node, Utf8JsonWriter json)
    {
        var leaf = leaves[node.FirstLeaf]!;
        var value = leaf.Value.Span;
        switch (node.Type)
        {
            case ParquetType.Boolean:
                json.WriteBooleanValue(value[0] != 0);
                break;
            case ParquetType.Int32 when node.Annotation == ParquetAnnotation.Unsigned:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt32LittleEndian(value));
                break;
            case ParquetType.Int32:
                json.WriteNumberValue(BinaryPrimitives.ReadInt32LittleEndian(value));
                break;
            case ParquetType.Int64 when node.Annotation == ParquetAnnotation.Unsigned:
                json.WriteNumberValue(BinaryPrimitives.ReadUInt64LittleEndian(value));
                break;
            case ParquetType.Int64:
                json.WriteNumberValue(BinaryPrimitives.ReadInt64LittleEndian(value));
                break;
            case ParquetType.Float:
                WriteNumber(BinaryPrimitives.ReadSingleLittleEndian(value), json);
                break;
            case ParquetType.Double:
                WriteNumber(BinaryPrimitives.ReadDoubleLittleEndian(value), json);
                break;
            default:
                if (value.Length > maxLength) throw new InvalidRowException($"is longer than {maxLength >> 20} MiB");
                if (!Utf8.IsValid(value)) throw new InvalidRowException($"has a field '{node.Name}' that is not valid UTF-8");
                json.WriteStringValue(value);
                break;
        }

        leaf.Advance();
    }

    private static void WriteNumber(float value, Utf8JsonWriter json)
    {
        if (!float.IsFinite(value)) throw new InvalidRowException($"holds the number {value}, which is not finite");
        json.WriteNumberValue(value);
    }

    private static void WriteNumber(double value, Utf8JsonWriter json)
    {
        if (!double.IsFinite(value)) throw new InvalidRowException($"holds the number {value}, which is not finite");
        json.WriteNumberValue(value);
    }

    private static InvalidParquetException Inconsistent(ParquetNode node) => new($"the parts of its column '{node.Name}' do not fit together");
}
