using System.Text;

namespace DftNative.Tokenizers;

/// <summary>
/// Reads a SentencePiece <c>tokenizer.model</c> of type BPE (Kudo and Richardson 2018), as Llama and Mistral use it,
/// into the same parts that transformers converts it to.
/// </summary>
internal static class SentencePieceReader
{
    /// <summary>Reads the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">What the files beside it say.</param>
    public static TokenizerComponents Read(string path, TokenizerConfiguration configuration)
    {
        SentencePieceModel file;
        try
        {
            file = JsonFile.ReadBytes(path, bytes => SentencePieceModel.Parse(bytes));
        }
        catch (DftNativeException error) when (error.InnerException is FormatException malformed)
        {
            throw new DftNativeException(ExitCode.InvalidInput, $"{path}: not a SentencePiece model: {malformed.Message}; get the file again", malformed);
        }

        ThrowIfUnsupported(path, file);
        var vocabulary = new Vocabulary();
        for (var id = 0; id < file.Pieces.Count; id++) vocabulary.Set(Encoding.UTF8.GetBytes(file.Pieces[id].Text), id);
        var merges = FindMerges(file, vocabulary, out var mergesAcrossMarks);
        var unknown = file.Pieces.Find(piece => piece.Kind == PieceKind.Unknown).Text;
        var model = new BytePairModel(vocabulary, merges, new BytePairOptions(unknown, FusesUnknown: true, IgnoresMerges: false, file.FallsBackToBytes), isByteLevel: false);
        var addedTokens = file.Pieces.Select((piece, id) => (piece, id)).Where(entry => entry.piece.Kind is PieceKind.Unknown or PieceKind.Control or PieceKind.UserDefined)
            .Select(entry => new AddedToken(entry.id, entry.piece.Text, entry.piece.Kind != PieceKind.UserDefined, IsSingleWord: false, StripsLeft: false, StripsRight: false, IsNormalized: false)).ToList();
        addedTokens.AddRange(configuration.AddedTokens.Where(token => addedTokens.TrueForAll(known => known.Content != token.Content)));
        var template = configuration.TokenizerClass is null && vocabulary.Find("<s>") is null ? SpecialTokenTemplate.None : SpecialTokenTemplates.Build(path, configuration, vocabulary, addedTokens);
        var canCut = !mergesAcrossMarks && vocabulary.Find(SpaceMark.Text) is not null;
        return new TokenizerComponents(
            CreateNormalizer(file), new PreTokenizer(canCut ? [new MarkBoundaryStage()] : []), model, IsByteLevel: false, CreateDecoders(file), addedTokens, template);
    }

    private static void ThrowIfUnsupported(string path, SentencePieceModel file)
    {
        string? what = null;
        if (file.Pieces.Count == 0) what = "no pieces";
        else if (file.ModelType != SentencePieceModel.BytePair) what = $"the model type {file.ModelType} (1 unigram, 3 word, 4 character)";
        else if (file.HasCharacterMap) what = $"the normalizer '{file.NormalizerName}', which maps characters";
        else if (file.IsMarkSuffix) what = "treat_whitespace_as_suffix";
        else if (!file.EscapesSpaces) what = "escape_whitespaces false";
        else if (file.Pieces.Exists(piece => piece.Kind == PieceKind.Unused)) what = "unused pieces";
        if (what is not null) throw new DftNativeException(ExitCode.InvalidInput, $"{path}: a SentencePiece model with {what} is not supported; BPE with the identity normalizer is, or put a tokenizer.json there");
    }

    /// <summary>SentencePiece merges any two neighbours that make a piece, the highest score first: as merges, every way to cut a piece in two.</summary>
    private static MergeTable FindMerges(SentencePieceModel file, Vocabulary vocabulary, out bool mergesAcrossMarks)
    {
        var ranks = file.Pieces.Select(piece => piece.Score).Distinct().OrderDescending().Select((score, rank) => (score, rank)).ToDictionary(entry => entry.score, entry => entry.rank);
        var merges = new MergeTable(file.Pieces.Count * 2);
        mergesAcrossMarks = false;
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, score, kind) = file.Pieces[id];
            if (kind != PieceKind.Normal) continue;
            ReadOnlySpan<byte> utf8 = Encoding.UTF8.GetBytes(text);
            mergesAcrossMarks |= SpaceMark.StandsInside(utf8);
            for (var cut = 1; cut < utf8.Length; cut++)
            {
                if ((utf8[cut] & 0xC0) == 0x80) continue;
                var (left, right) = (vocabulary.Find(utf8[..cut]), vocabulary.Find(utf8[cut..]));
                if (left >= 0 && right >= 0 && file.Pieces[left].Kind == PieceKind.Normal && file.Pieces[right].Kind == PieceKind.Normal) merges.Set(left, right, ranks[score], id);
            }
        }

        return merges;
    }

    private static NormalizerSequence CreateNormalizer(SentencePieceModel file)
    {
        var normalizers = new List<TextNormalizer>();
        if (file.RemovesExtraSpaces) normalizers.Add(new SingleSpaceNormalizer());
        if (file.AddsPrefixSpace) normalizers.Add(new PrependNormalizer(SpaceMark.Text));
        normalizers.Add(new ReplaceNormalizer(new LiteralPattern(" "), SpaceMark.Text));
        return new NormalizerSequence(normalizers);
    }

    private static List<TokenDecoder> CreateDecoders(SentencePieceModel file)
    {
        List<TokenDecoder> decoders = [new ReplaceDecoder(new LiteralPattern(SpaceMark.Text), " "), new ByteFallbackDecoder(), new FuseDecoder()];
        if (file.AddsPrefixSpace) decoders.Add(new StripDecoder(' ', 1, 0));
        return decoders;
    }
}
