namespace DftNative.Hub;

/// <summary>What the Hub says about a file of a commit.</summary>
/// <param name="Name">Its name in the model.</param>
/// <param name="Checksum">Of its contents; names its blob in the cache.</param>
/// <param name="SizeInBytes">Its size.</param>
internal sealed record HubFile(string Name, BlobChecksum Checksum, long SizeInBytes);
