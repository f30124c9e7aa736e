namespace DftNative.Backends.Cpu;

/// <summary>The numbers 1 to 8 as types.</summary>
internal static class Constant
{
    /// <summary>The number 1.</summary>
    internal readonly struct One : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 1;
    }

    /// <summary>The number 2.</summary>
    internal readonly struct Two : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 2;
    }

    /// <summary>The number 3.</summary>
    internal readonly struct Three : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 3;
    }

    /// <summary>The number 4.</summary>
    internal readonly struct Four : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 4;
    }

    /// <summary>The number 5.</summary>
    internal readonly struct Five : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 5;
    }

    /// <summary>The number 6.</summary>
    internal readonly struct Six : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 6;
    }

    /// <summary>The number 7.</summary>
    internal readonly struct Seven : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 7;
    }

    /// <summary>The number 8.</summary>
    internal readonly struct Eight : IConstant
    {
        /// <inheritdoc/>
        public static int Value => 8;
    }
}
