using System.Text.Json;

namespace DftNative.Tokenizers;

/// <summary>What a Metaspace pre-tokeniser and its decoder have in common.</summary>
internal static class MetaspaceSettings
{
    /// <summary>Where a mark is put in front; null where the scheme is not known.</summary>
    public static MetaspacePrepend? ReadPrepend(JsonElement component) => component.FindString("prepend_scheme") switch
    {
        // Older files say it by add_prefix_space.
        null => component.FindBoolean("add_prefix_space", true) ? MetaspacePrepend.Always : MetaspacePrepend.Never,
        "always" => MetaspacePrepend.Always,
        "first" => MetaspacePrepend.First,
        "never" => MetaspacePrepend.Never,
        _ => null,
    };
}
