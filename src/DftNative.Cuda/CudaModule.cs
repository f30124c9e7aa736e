using System.Text;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>Code loaded onto the current context's device.</summary>
public sealed unsafe class CudaModule : IDisposable
{
    private CUmodule module;

    /// <summary>Loads an image.</summary>
    /// <param name="image">A cubin for the device's architecture, as <see cref="CudaRuntimeCompiler"/> makes it.</param>
    /// <exception cref="CudaException">The device cannot run it.</exception>
    public CudaModule(ReadOnlySpan<byte> image)
    {
        fixed (byte* pointer = image)
            CudaCheck.ThrowIfFailed(CudaDriver.cuModuleLoadData(out module, pointer));
        CudaResources.AddModule(1);
    }

    /// <summary>The kernel of that name. It lives as long as the module.</summary>
    public CudaKernel GetKernel(string name)
    {
        ObjectDisposedException.ThrowIf(module == default, this);
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            CudaCheck.ThrowIfFailed(CudaDriver.cuModuleGetFunction(out var function, module, text));
            return new CudaKernel(function, name);
        }
    }

    /// <summary>Unloads the code.</summary>
    public void Dispose()
    {
        if (module == default) return;
        var unloaded = module;
        module = default;
        CudaResources.AddModule(-1);
        CudaCheck.ThrowIfFailed(CudaDriver.cuModuleUnload(unloaded));
    }
}
