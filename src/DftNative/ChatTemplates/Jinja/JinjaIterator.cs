namespace DftNative.ChatTemplates.Jinja;

/// <summary>What filters such as <c>map</c> and <c>select</c> give: evaluated as it is consumed, once; always true, without length or items.</summary>
/// <param name="items">Evaluated lazily.</param>
internal sealed class JinjaIterator(IEnumerable<object> items)
{
    private readonly IEnumerator<object> enumerator = items.GetEnumerator();

    /// <summary>What has not been consumed yet.</summary>
    public IEnumerable<object> Consume()
    {
        while (enumerator.MoveNext()) yield return enumerator.Current;
    }
}
