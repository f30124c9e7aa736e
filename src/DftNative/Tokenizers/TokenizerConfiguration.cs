using System.Globalization;
using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>
/// What the files beside <c>tokenizer.json</c> say: tokenizer_config.json first, special_tokens_map.json for what it
/// lacks, generation_config.json and config.json for the ids that end a generation.
/// </summary>
/// <param name="EosToken">The token that ends a text, or null.</param>
/// <param name="BosToken">The token that begins a text, or null.</param>
/// <param name="PadToken">The padding token, or null.</param>
/// <param name="ChatTemplates">The model's own Jinja chat templates by name; one without a name is <c>default</c>.</param>
/// <param name="SpecialTokens">Texts of the special tokens by the names that templates know them by, such as <c>eos_token</c>.</param>
/// <param name="GenerationEosTokenIds">Ids at which generation stops; empty where no file says.</param>
internal sealed record TokenizerConfiguration(
    string? EosToken, string? BosToken, string? PadToken, IReadOnlyDictionary<string, string> ChatTemplates,
    IReadOnlyDictionary<string, string> SpecialTokens, IReadOnlyList<int> GenerationEosTokenIds)
{
    private static readonly string[] TokenNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"];

    private static readonly Dictionary<string, string> Nothing = [];

    /// <summary>The class of transformers that reads the tokenizer, or null.</summary>
    public string? TokenizerClass { get; init; }

    /// <summary>The token for what is unknown, or null.</summary>
    public string? UnkToken { get; init; }

    /// <summary>Whether a text begins with <see cref="BosToken"/>; null where nothing says.</summary>
    public bool? AddsBosToken { get; init; }

    /// <summary>Whether a text ends with <see cref="EosToken"/>; null where nothing says.</summary>
    public bool? AddsEosToken { get; init; }

    /// <summary>Whether a space is put before a text; null where nothing says.</summary>
    public bool? AddsPrefixSpace { get; init; }

    /// <summary>The tokens of <c>added_tokens_decoder</c>, ascending.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Reads what is there of a model directory.</summary>
    public static TokenizerConfiguration Load(string modelDirectory)
    {
        var configuration = ReadTokens(Path.Combine(modelDirectory, "tokenizer_config.json"));
        var map = ReadTokens(Path.Combine(modelDirectory, "special_tokens_map.json"));
        var endIds = ReadEndIds(Path.Combine(modelDirectory, "generation_config.json"));
        if (endIds.Count == 0) endIds = ReadEndIds(Path.Combine(modelDirectory, "config.json"));
        return new TokenizerConfiguration(
            configuration.EosToken ?? map.EosToken, configuration.BosToken ?? map.BosToken, configuration.PadToken ?? map.PadToken,
            ReadTemplateFile(modelDirectory) is { } template ? new Dictionary<string, string> { ["default"] = template } : configuration.ChatTemplates,
            map.SpecialTokens.Concat(configuration.SpecialTokens).GroupBy(static token => token.Key).ToDictionary(static group => group.Key, static group => group.Last().Value), endIds)
        {
            TokenizerClass = configuration.TokenizerClass,
            UnkToken = configuration.UnkToken ?? map.UnkToken,
            AddsBosToken = configuration.AddsBosToken,
            AddsEosToken = configuration.AddsEosToken,
            AddsPrefixSpace = configuration.AddsPrefixSpace,
            AddedTokens = configuration.AddedTokens,
        };
    }

    /// <summary>Reads an added token; flags that are not there are off.</summary>
    public static AddedToken ReadAddedToken(JsonElement element, int id) => new(
        id, element.GetProperty("content").GetString()!, element.FindBoolean("special", false), element.FindBoolean("single_word", false),
        element.FindBoolean("lstrip", false), element.FindBoolean("rstrip", false), element.FindBoolean("normalized", false));

    private static TokenizerConfiguration ReadTokens(string path) => !File.Exists(path)
        ? new TokenizerConfiguration(null, null, null, Nothing, Nothing, [])
        : JsonFile.Read(path, root => new TokenizerConfiguration(
            TokenOf(root, "eos_token"), TokenOf(root, "bos_token"), TokenOf(root, "pad_token"), TemplatesOf(root),
            TokenNames.Where(name => TokenOf(root, name) is not null).ToDictionary(static name => name, name => TokenOf(root, name)!), [])
        {
            TokenizerClass = root.FindString("tokenizer_class"),
            UnkToken = TokenOf(root, "unk_token"),
            AddsBosToken = root.Find("add_bos_token")?.GetBoolean(),
            AddsEosToken = root.Find("add_eos_token")?.GetBoolean(),
            AddsPrefixSpace = root.Find("add_prefix_space")?.GetBoolean(),
            AddedTokens = ReadAddedTokens(root),
        });

    private static AddedToken[] ReadAddedTokens(JsonElement root) => root.Find("added_tokens_decoder") is not { } tokens ? [] : [.. tokens.EnumerateObject()
        .Select(token => ReadAddedToken(token.Value, int.Parse(token.Name, NumberStyles.None, CultureInfo.InvariantCulture))).OrderBy(token => token.Id)];

    /// <summary>A token is written as text or as an AddedToken object.</summary>
    private static string? TokenOf(JsonElement root, string name) => root.Find(name) switch
    {
        { ValueKind: JsonValueKind.Object } token => token.FindString("content"),
        var token => token?.GetString(),
    };

    /// <summary>One template, or a list of named ones.</summary>
    private static Dictionary<string, string> TemplatesOf(JsonElement root) => root.Find("chat_template") switch
    {
        null => Nothing,
        { ValueKind: JsonValueKind.Array } templates => templates.EnumerateArray()
            .ToDictionary(static template => template.GetProperty("name").GetString()!, static template => template.GetProperty("template").GetString()!),
        { } template => new Dictionary<string, string> { ["default"] = template.GetString()! },
    };

    /// <summary>Newer transformers write the template to a file of its own, which comes first.</summary>
    private static string? ReadTemplateFile(string modelDirectory)
    {
        var path = Path.Combine(modelDirectory, "chat_template.jinja");
        try
        {
            if (File.Exists(path)) return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileFault.CannotRead(path, error);
        }

        // Processors of several modalities had it here.
        var json = Path.Combine(modelDirectory, "chat_template.json");
        return File.Exists(json) ? JsonFile.Read(json, static root => root.FindString("chat_template")) : null;
    }

    private static IReadOnlyList<int> ReadEndIds(string path) => !File.Exists(path)
        ? []
        : JsonFile.Read<int[]>(path, root => root.Find("eos_token_id") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } ids => [.. ids.EnumerateArray().Select(id => id.GetInt32())],
            { } id => [id.GetInt32()],
        });
}
