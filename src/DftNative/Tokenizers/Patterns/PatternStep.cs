namespace DftNative.Tokenizers;

/// <summary>A step of a compiled <see cref="RegularPattern"/>.</summary>
/// <param name="Operation">What it does.</param>
/// <param name="Set">The code points that it takes, or null.</param>
/// <param name="First">A target; or the least number of code points.</param>
/// <param name="Second">Another target; the most code points; or a look-behind's width.</param>
internal sealed record PatternStep(PatternOperation Operation, CodePointSet? Set = null, int First = 0, int Second = 0);
