namespace DftNative;

/// <summary>What a command's exit status means; an exception that carries one ends the command with it.</summary>
public enum ExitCode
{
    /// <summary>Done.</summary>
    Success = 0,

    /// <summary>A check failed, such as a gradient past its tolerance.</summary>
    CheckFailed = 1,

    /// <summary>Usage or configuration, an output directory that is not empty included.</summary>
    Usage = 2,

    /// <summary>A model or a data file is missing or bad.</summary>
    InvalidInput = 3,

    /// <summary>A device or one of its libraries is missing or failed.</summary>
    Device = 4,

    /// <summary>Numbers went non-finite.</summary>
    NonFinite = 5,

    /// <summary>An output could not be written.</summary>
    CannotWrite = 6,

    /// <summary>A bug of the program.</summary>
    InternalError = 70,

    /// <summary>Stopped by the user, after a checkpoint was saved.</summary>
    Interrupted = 130,
}
