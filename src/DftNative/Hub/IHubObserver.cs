namespace DftNative.Hub;

/// <summary>Told what happens while a model is looked for and fetched, on whatever thread it happens.</summary>
public interface IHubObserver
{
    /// <summary>A model was found in the cache, and nothing is fetched.</summary>
    /// <param name="name">The model.</param>
    /// <param name="commit">Its version.</param>
    void OnCached(HubName name, string commit);

    /// <summary>A file begins to be fetched.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="sizeInBytes">Its whole size.</param>
    /// <param name="presentBytes">What an earlier attempt has left of it; these are not fetched again.</param>
    void OnFileStarted(string file, long sizeInBytes, long presentBytes);

    /// <summary>A part of a file has arrived. Called for every buffer.</summary>
    /// <param name="file">Its name.</param>
    /// <param name="presentBytes">How much of it is there; less than before where a server made it begin anew.</param>
    void OnProgress(string file, long presentBytes);

    /// <summary>A file is there, whole and checked.</summary>
    /// <param name="file">Its name.</param>
    void OnFileFinished(string file);

    /// <summary>Something went wrong that did not end it, such as a cut connection: one line.</summary>
    /// <param name="message">What, and what is done about it.</param>
    void OnWarning(string message);
}
