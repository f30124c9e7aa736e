namespace DftNative.Data;

/// <summary>Which end-of-turn tokens of a conversation are trained.</summary>
public enum TrainOnEos
{
    /// <summary>That of every trained turn.</summary>
    Turn,

    /// <summary>That of every turn, whoever's it is.</summary>
    All,

    /// <summary>Of those of trained turns the last.</summary>
    Last,

    /// <summary>None.</summary>
    None,
}
