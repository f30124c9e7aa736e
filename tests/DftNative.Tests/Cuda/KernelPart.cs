namespace DftNative.Tests.Cuda;

/// <summary>Who reads a line of a kernel file.</summary>
internal enum KernelPart
{
    /// <summary>NVRTC and the emulator's compiler.</summary>
    Both,

    /// <summary>NVRTC.</summary>
    Device,

    /// <summary>The emulator's compiler: a C++ twin of what the device has an instruction for.</summary>
    Emulator,
}
