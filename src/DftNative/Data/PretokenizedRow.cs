using System.Text.Json;

namespace DftNative.Data;

/// <summary>Reads rows of the form <c>{"input_ids": […], "labels": […], "token_weights": […]}</c>.</summary>
internal static class PretokenizedRow
{
    /// <summary>Reads a row; labels are what they are, if they are ids of the vocabulary or −100.</summary>
    /// <param name="root">An object with <c>input_ids</c>.</param>
    /// <param name="vocabularySize">One more than the greatest id.</param>
    /// <exception cref="InvalidRowException">The row is not of that form.</exception>
    public static TrainingRow Read(JsonElement root, int vocabularySize)
    {
        var ids = ReadArray(root, "input_ids", (element, place) => ReadId(element, place, vocabularySize, allowsIgnored: false));
        var labels = ReadArray(root, "labels", (element, place) => ReadId(element, place, vocabularySize, allowsIgnored: true));
        if (labels.Length != ids.Length) throw new InvalidRowException($"has {ids.Length} input_ids but {labels.Length} labels; they are aligned, one label an id");
        var weights = RowFields.TryGet(root, "token_weights", out _) ? ReadArray(root, "token_weights", ReadWeight) : null;
        if (weights is not null && weights.Length != labels.Length) throw new InvalidRowException($"has {labels.Length} labels but {weights.Length} token_weights; they are aligned, one weight a label");
        return new TrainingRow(ids, labels, weights);
    }

    private static T[] ReadArray<T>(JsonElement root, string name, Func<JsonElement, string, T> read)
    {
        if (!RowFields.TryGet(root, name, out var array)) throw new InvalidRowException($"has no field '{name}'");
        if (array.ValueKind != JsonValueKind.Array) throw new InvalidRowException($"has a field '{name}' that is not an array of numbers");
        var values = new T[array.GetArrayLength()];
        var i = 0;
        foreach (var element in array.EnumerateArray()) values[i] = read(element, $"{name}[{i++}]");
        return values;
    }

    private static int ReadId(JsonElement element, string place, int vocabularySize, bool allowsIgnored)
    {
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out var id)) throw new InvalidRowException($"has {place} = {Abbreviate(element)}, which is not an integer");
        if ((allowsIgnored && id == TrainingRow.IgnoredLabel) || (id >= 0 && id < vocabularySize)) return id;
        throw new InvalidRowException($"has {place} = {id}, which is outside the vocabulary of {vocabularySize} tokens");
    }

    private static float ReadWeight(JsonElement element, string place)
    {
        if (element.ValueKind == JsonValueKind.Number && element.TryGetSingle(out var weight) && float.IsFinite(weight) && weight >= 0) return weight;
        throw new InvalidRowException($"has {place} = {Abbreviate(element)}, which is not a finite number of at least 0");
    }

    private static string Abbreviate(JsonElement element)
    {
        var text = element.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= 40 ? text : text[..40] + "…";
    }
}
