namespace DftNative.Backends;

/// <summary>
/// Which keys each query sees, as int32 vectors on the device, one element a range: queries
/// <c>[QueryStart, QueryStart + QueryCount)</c> see keys <c>[KeyStart, KeyStart + KeyCount)</c> causally, aligned at the
/// end: query i of a range sees its first <c>KeyCount − QueryCount + i + 1</c> keys. In training a range is a packed
/// document and both ranges are equal; in generation the keys are a sequence's part of the cache.
/// </summary>
/// <param name="QueryStart">[ranges] int32: first row of q.</param>
/// <param name="QueryCount">[ranges] int32, at least 1, at most the range's KeyCount.</param>
/// <param name="KeyStart">[ranges] int32: first row of k and v.</param>
/// <param name="KeyCount">[ranges] int32.</param>
/// <param name="Count">The number of ranges.</param>
/// <param name="MaxQueryCount">The largest QueryCount, known on the host so that grids can be sized.</param>
/// <param name="MaxKeyCount">The largest KeyCount.</param>
public readonly record struct AttentionRanges(
    Vector QueryStart, Vector QueryCount, Vector KeyStart, Vector KeyCount, int Count, int MaxQueryCount, int MaxKeyCount);
