namespace DftNative.ChatTemplates.Jinja;

/// <summary><c>value is name</c>.</summary>
/// <param name="position">Its place in the source.</param>
/// <param name="value">What is tested.</param>
/// <param name="name">The test.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="isNegated">Whether it is <c>is not</c>.</param>
internal sealed class TestExpression(int position, JinjaExpression value, string name, ArgumentList arguments, bool isNegated) : JinjaExpression(position)
{
    /// <inheritdoc/>
    protected override object EvaluateCore(RenderState state) => JinjaTests.Holds(name, arguments.Evaluate(state, value.Evaluate(state))) != isNegated;
}
