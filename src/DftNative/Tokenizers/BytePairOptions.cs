namespace DftNative.Tokenizers;

/// <summary>What a <see cref="BytePairModel"/> begins a word with.</summary>
/// <param name="UnknownToken">Becomes what has no token; null: it is left out.</param>
/// <param name="FusesUnknown">Whether adjacent unknown symbols become one token.</param>
/// <param name="IgnoresMerges">Whether a word that is itself a token is not built by merges.</param>
/// <param name="FallsBackToBytes">Whether a character without a token becomes its bytes' tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>.</param>
internal sealed record BytePairOptions(string? UnknownToken, bool FusesUnknown, bool IgnoresMerges, bool FallsBackToBytes);
