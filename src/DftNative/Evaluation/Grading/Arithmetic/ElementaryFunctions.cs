using System.Numerics;
using DftNative.Evaluation.Grading.Syntax;

namespace DftNative.Evaluation.Grading.Arithmetic;

/// <summary>Functions of one argument, their errors from the argument's by their derivatives.</summary>
internal static class ElementaryFunctions
{
    /// <summary>The function's value.</summary>
    /// <returns>Null where it has none.</returns>
    public static Approximation? Apply(FunctionKind kind, Approximation argument, bool allowsComplex)
    {
        var z = argument.Value;
        switch (kind)
        {
            case FunctionKind.Sin:
                return Rounded(Complex.Sin(z), argument, Complex.Abs(Complex.Cos(z)) + argument.Error);
            case FunctionKind.Cos:
                return Rounded(Complex.Cos(z), argument, Complex.Abs(Complex.Sin(z)) + argument.Error);
            case FunctionKind.Tan:
                return Quotient(FunctionKind.Sin, FunctionKind.Cos, argument);
            case FunctionKind.Cot:
                return Quotient(FunctionKind.Cos, FunctionKind.Sin, argument);
            case FunctionKind.Sec:
                return Apply(FunctionKind.Cos, argument, allowsComplex)?.Reciprocal();
            case FunctionKind.Csc:
                return Apply(FunctionKind.Sin, argument, allowsComplex)?.Reciprocal();
            case FunctionKind.Arcsin or FunctionKind.Arccos:
                return InverseSine(kind, argument, allowsComplex);
            case FunctionKind.Arctan:
                return Rounded(argument.IsReal ? Math.Atan(z.Real) : Complex.Atan(z), argument, 1.0);
            case FunctionKind.Sinh:
                return Rounded(Complex.Sinh(z), argument, Complex.Abs(Complex.Cosh(z)));
            case FunctionKind.Cosh:
                return Rounded(Complex.Cosh(z), argument, Complex.Abs(Complex.Sinh(z)));
            case FunctionKind.Tanh:
                return Quotient(FunctionKind.Sinh, FunctionKind.Cosh, argument);
            case FunctionKind.Exp:
                var exponential = Complex.Exp(z);
                return Rounded(exponential, argument, Complex.Abs(exponential));
            case FunctionKind.Abs:
                return Rounded(Complex.Abs(z), argument, 1.0);
            case FunctionKind.Floor:
                return argument.IsReal ? Round(Math.Floor(z.Real + argument.Error), argument) : null;
            case FunctionKind.Ceiling:
                return argument.IsReal ? Round(Math.Ceiling(z.Real - argument.Error), argument) : null;
            default:
                return null;
        }
    }

    private static Approximation? Round(double integer, Approximation argument) => argument.IsSharp ? new Approximation(integer, 0.0) : null;

    private static Approximation Rounded(Complex value, Approximation argument, double slope) =>
        new(value, argument.Error * slope + Approximation.Epsilon * (Complex.Abs(value) + slope * argument.Magnitude * 0.5));

    private static Approximation? Quotient(FunctionKind numerator, FunctionKind denominator, Approximation argument) =>
        Apply(numerator, argument, allowsComplex: true) is { } upper && Apply(denominator, argument, allowsComplex: true)?.Reciprocal() is { } lower ? upper * lower : null;

    private static Approximation? InverseSine(FunctionKind kind, Approximation argument, bool allowsComplex)
    {
        var x = argument.Value.Real;
        if (!argument.IsReal || Math.Abs(x) > 1.0 + argument.Error)
        {
            if (!allowsComplex) return null;
            var complex = kind == FunctionKind.Arcsin ? Complex.Asin(argument.Value) : Complex.Acos(argument.Value);
            return new Approximation(complex, 1e-14 + argument.Error * 1e3);
        }

        x = Math.Clamp(x, -1.0, 1.0);
        var distance = Math.Max(1.0 - x * x, 0.0);
        var error = distance > 4.0 * argument.Error ? 2.0 * argument.Error / Math.Sqrt(distance) : 2.0 * Math.Sqrt(argument.Error);
        return Approximation.Rounded(kind == FunctionKind.Arcsin ? Math.Asin(x) : Math.Acos(x), error + Approximation.Epsilon);
    }
}
