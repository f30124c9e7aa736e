using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>Reads the <c>post_processor</c> of a <c>tokenizer.json</c>.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class PostProcessorReader(string path) : ComponentReader(path, "post_processor")
{
    private SpecialTokenTemplate? template;

    /// <summary>Reads the part.</summary>
    public SpecialTokenTemplate Read(JsonElement? component)
    {
        if (component is { } given) ReadOne(given);
        return template ?? SpecialTokenTemplate.None;
    }

    private void ReadOne(JsonElement component)
    {
        switch (TypeOf(component))
        {
            case "Sequence":
                foreach (var part in component.GetProperty("processors").EnumerateArray()) ReadOne(part);
                break;
            case "TemplateProcessing":
                Set(ReadTemplate(component));
                break;
            case "BertProcessing" or "RobertaProcessing":
                Set(new SpecialTokenTemplate([component.GetProperty("cls")[1].GetInt32()], [component.GetProperty("sep")[1].GetInt32()]));
                break;
            case "ByteLevel":
                // It only moves character offsets, which nothing here asks for.
                break;
            case var type:
                throw Unsupported(type);
        }
    }

    private void Set(SpecialTokenTemplate read) => template = template is null ? read : throw Unsupported("with two templates");

    private SpecialTokenTemplate ReadTemplate(JsonElement component)
    {
        List<int> before = [], after = [];
        var specialTokens = component.GetProperty("special_tokens");
        var isAfterText = false;
        foreach (var piece in component.GetProperty("single").EnumerateArray())
        {
            if (piece.Find("Sequence") is { } sequence)
            {
                if (isAfterText || sequence.GetProperty("id").GetString() != "A") throw Unsupported("whose single template is not one text A");
                isAfterText = true;
                continue;
            }

            var name = piece.GetProperty("SpecialToken").GetProperty("id").GetString()!;
            var ids = specialTokens.GetProperty(name).GetProperty("ids").EnumerateArray().Select(id => id.GetInt32());
            (isAfterText ? after : before).AddRange(ids);
        }

        if (!isAfterText) throw Unsupported("whose single template holds no text");
        return new SpecialTokenTemplate([.. before], [.. after]);
    }
}
