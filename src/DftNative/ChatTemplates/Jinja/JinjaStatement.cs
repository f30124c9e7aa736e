namespace DftNative.ChatTemplates.Jinja;

/// <summary>A statement of a template, or text between statements.</summary>
/// <param name="position">Its UTF-16 place in the source.</param>
internal abstract class JinjaStatement(int position)
{
    /// <summary>Runs it; whatever goes wrong carries its place.</summary>
    /// <exception cref="JinjaException">Something went wrong.</exception>
    public JinjaFlow Execute(RenderState state)
    {
        try
        {
            state.Enter();
            var flow = ExecuteCore(state);
            state.Leave();
            return flow;
        }
        catch (JinjaValueException error)
        {
            throw state.Locate(error, position);
        }
    }

    /// <summary>Runs it.</summary>
    protected abstract JinjaFlow ExecuteCore(RenderState state);
}
