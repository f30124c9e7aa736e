namespace DftNative.Evaluation.Grading.Units;

/// <summary>The units of which all others are products.</summary>
internal enum BaseUnit
{
    /// <summary>Metre.</summary>
    Metre,

    /// <summary>Kilogram.</summary>
    Kilogram,

    /// <summary>Second.</summary>
    Second,

    /// <summary>US dollar.</summary>
    Dollar,

    /// <summary>Another currency: pound or euro, told apart by their factor only.</summary>
    Currency,

    /// <summary>Kelvin.</summary>
    Kelvin,

    /// <summary>Ampere.</summary>
    Ampere,

    /// <summary>Mole.</summary>
    Mole,

    /// <summary>Degree of a temperature's scale.</summary>
    Temperature,
}
