namespace DftNative.ChatTemplates.Jinja;

/// <summary>An expression of a template.</summary>
/// <param name="position">Its UTF-16 place in the source.</param>
internal abstract class JinjaExpression(int position)
{
    /// <summary>Its UTF-16 place in the source.</summary>
    public int Position => position;

    /// <summary>Its value; whatever goes wrong carries its place.</summary>
    /// <exception cref="JinjaException">It has none.</exception>
    public object Evaluate(RenderState state)
    {
        try
        {
            state.Enter();
            var value = EvaluateCore(state);
            state.Leave();
            return value;
        }
        catch (JinjaValueException error)
        {
            throw state.Locate(error, position);
        }
    }

    /// <summary>Its value.</summary>
    protected abstract object EvaluateCore(RenderState state);
}
