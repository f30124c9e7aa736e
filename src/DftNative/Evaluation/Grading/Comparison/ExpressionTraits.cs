using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Comparison;

/// <summary>What occurs in an expression.</summary>
internal sealed class ExpressionTraits
{
    /// <summary>Whether a variable does.</summary>
    public bool HasVariables { get; private set; }

    /// <summary>Whether it has values: it holds no sets, tuples, relations, infinities or words.</summary>
    public bool IsNumeric { get; private set; } = true;

    /// <summary>Whether the imaginary unit does.</summary>
    public bool HasImaginaryUnit { get; private set; }

    /// <summary>Whether an angle in degrees does.</summary>
    public bool HasDegrees { get; private set; }

    /// <summary>Whether it is made for integers: rounding, factorials, powers of negative numbers with variables in them.</summary>
    public bool IsDiscrete { get; private set; }

    /// <summary>Adds an expression's traits.</summary>
    public ExpressionTraits Add(MathNode node)
    {
        Visit(node);
        return this;
    }

    private void Visit(MathNode node)
    {
        switch (node)
        {
            case SymbolNode { IsWord: true } or SymbolNode { Name: SymbolNames.Infinity or SymbolNames.EmptySet or "dots" }:
                IsNumeric = false;
                break;
            case SymbolNode symbol:
                HasImaginaryUnit |= symbol.Name == SymbolNames.ImaginaryUnit;
                HasVariables |= !symbol.IsConstant;
                IsNumeric &= !symbol.Name.EndsWith(":set", StringComparison.Ordinal);
                break;
            case FunctionNode function:
                HasDegrees |= function.Kind == FunctionKind.Degrees;
                IsDiscrete |= function.Kind is FunctionKind.Floor or FunctionKind.Ceiling or FunctionKind.Factorial or FunctionKind.DoubleFactorial or FunctionKind.Remainder or FunctionKind.Binomial or FunctionKind.Gcd or FunctionKind.Lcm;
                break;
            case PowerNode { Operand: SignNode or NumberNode { Value.Sign: < 0 } } power:
                IsDiscrete |= new ExpressionTraits().Add(power.Exponent).HasVariables;
                break;
            case NumberNode or SignNode { Sign: TermSign.Minus } or SumNode or ProductNode or PowerNode:
                break;
            default:
                IsNumeric = false;
                break;
        }

        foreach (var child in node.Children) Visit(child);
    }
}
