namespace DftNative.Hub;

/// <summary>What the cache has of a version of a model.</summary>
internal enum HubCacheState
{
    /// <summary>Not what a command needs.</summary>
    Missing,

    /// <summary>What a command needs, and perhaps not every optional file that the model has.</summary>
    Usable,

    /// <summary>Every wanted file that the model has.</summary>
    Complete,
}
