namespace DftNative.Data.Parquet;

/// <summary>A node of a schema: a group, or a leaf with values.</summary>
internal sealed class ParquetNode
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>A leaf's type; null: a group.</summary>
    public required ParquetType? Type { get; init; }

    /// <summary>What else the schema says.</summary>
    public required ParquetAnnotation Annotation { get; init; }

    /// <summary>Whether it may be null.</summary>
    public required bool IsOptional { get; init; }

    /// <summary>Whether it may be there any number of times.</summary>
    public required bool IsRepeated { get; init; }

    /// <summary>The definition level of an entry that reaches this node.</summary>
    public required int MaxDefinitionLevel { get; init; }

    /// <summary>The repetition level of an entry that begins another of this node.</summary>
    public required int MaxRepetitionLevel { get; init; }

    /// <summary>Its first leaf's place among the leaves.</summary>
    public required int FirstLeaf { get; init; }

    /// <summary>What it holds.</summary>
    public List<ParquetNode> Children { get; } = [];

    /// <summary>How many leaves it has.</summary>
    public int LeafCount => Type is null ? Children.Sum(child => child.LeafCount) : 1;

    /// <summary>Whether all its values can be read.</summary>
    public bool IsSupported => Type is null
        ? Children.TrueForAll(child => child.IsSupported)
        : Type is not (ParquetType.Int96 or ParquetType.FixedLengthByteArray) && Annotation != ParquetAnnotation.Unsupported;

    /// <summary>
    /// Whether this repeated child of a list stands for the list's element itself, rather than for a level around it
    /// (parquet-format, LogicalTypes.md, "Backward-compatibility rules").
    /// </summary>
    /// <param name="list">The list.</param>
    public bool IsElementOf(ParquetNode list) => Type is not null || Children.Count != 1 || Name == "array" || Name == list.Name + "_tuple";
}
