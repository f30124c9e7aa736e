namespace DftNative.Mutation;

/// <summary>What became of a mutant.</summary>
internal enum Verdict
{
    /// <summary>A test failed, the kernel did not compile, or the tests no longer ended.</summary>
    Killed,

    /// <summary>Every test passed.</summary>
    Survived,

    /// <summary>The C# does not compile: no fault that a test could have to find.</summary>
    Invalid,

    /// <summary>It survived, and equivalent.txt says why no test can kill it.</summary>
    Equivalent,
}
