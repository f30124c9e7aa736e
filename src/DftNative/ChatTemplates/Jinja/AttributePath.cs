using System.Globalization;
using System.Numerics;

namespace DftNative.ChatTemplates.Jinja;

/// <summary>What a filter's argument <c>attribute</c> names, such as <c>function.name</c> or <c>0</c>.</summary>
internal sealed class AttributePath
{
    private readonly IReadOnlyList<object> parts;
    private readonly object? missing;

    /// <summary>Reads a path.</summary>
    /// <param name="attribute">A text, an index, or null: the item itself.</param>
    /// <param name="missing">What stands for an attribute that is not there; null: an undefined value.</param>
    public AttributePath(object? attribute, object? missing = null)
    {
        this.missing = missing;
        parts = attribute switch
        {
            null or JinjaNone => [],
            string path => [.. path.Split('.').Select(static part => BigInteger.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? (object)index : part)],
            _ => [attribute],
        };
    }

    /// <summary>The attribute of an item.</summary>
    public object Find(object item)
    {
        foreach (var part in parts)
        {
            item = JinjaAccess.GetItem(item, part);
            if (missing is not null && item is JinjaUndefined) item = missing;
        }

        return item;
    }
}
