namespace DftNative.Training;

/// <summary>An interval of numbers.</summary>
/// <param name="Minimum">The lower end.</param>
/// <param name="IncludesMinimum">Whether the lower end belongs to it.</param>
/// <param name="Maximum">The upper end.</param>
/// <param name="IncludesMaximum">Whether the upper end belongs to it.</param>
internal readonly record struct NumberRange(double Minimum, bool IncludesMinimum, double Maximum, bool IncludesMaximum)
{
    /// <summary>[0, 1).</summary>
    public static NumberRange Fraction => new(0, true, 1, false);

    /// <summary>[minimum, ∞).</summary>
    public static NumberRange AtLeast(double minimum) => new(minimum, true, double.PositiveInfinity, false);

    /// <summary>(minimum, ∞).</summary>
    public static NumberRange Above(double minimum) => new(minimum, false, double.PositiveInfinity, false);

    /// <summary>[minimum, maximum].</summary>
    public static NumberRange Between(double minimum, double maximum) => new(minimum, true, maximum, true);

    /// <summary>Whether the value lies in it.</summary>
    public bool Contains(double value) =>
        (IncludesMinimum ? value >= Minimum : value > Minimum) && (IncludesMaximum ? value <= Maximum : value < Maximum);

    /// <inheritdoc/>
    public override string ToString() => double.IsPositiveInfinity(Maximum)
        ? FormattableString.Invariant($"{(IncludesMinimum ? "≥" : ">")} {Minimum}")
        : FormattableString.Invariant($"in {(IncludesMinimum ? "[" : "(")}{Minimum}, {Maximum}{(IncludesMaximum ? "]" : ")")}");
}
