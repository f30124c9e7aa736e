namespace DftNative.Backends.Cpu;

/// <summary>A number as a type, so that generic code is compiled once for each value with its branches on it gone.</summary>
internal interface IConstant
{
    /// <summary>The number.</summary>
    static abstract int Value { get; }
}
