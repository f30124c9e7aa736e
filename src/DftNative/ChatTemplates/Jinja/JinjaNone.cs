namespace DftNative.ChatTemplates.Jinja;

/// <summary>Python's None, so that no value of a template is a null reference.</summary>
internal sealed class JinjaNone
{
    /// <summary>The only one.</summary>
    public static readonly JinjaNone Value = new();

    private JinjaNone()
    {
    }
}
