using System.Text;
using DftNative.Cuda.Interop;

namespace DftNative.Cuda;

/// <summary>Code loaded onto a device.</summary>
public sealed unsafe class CudaModule : IDisposable
{
    private readonly CudaContext context;
    private CUmodule module;

    /// <summary>Loads an image.</summary>
    /// <param name="context">Where.</param>
    /// <param name="image">A cubin for the device's architecture, as <see cref="CudaRuntimeCompiler"/> makes it.</param>
    /// <exception cref="CudaException">The device cannot run it.</exception>
    public CudaModule(CudaContext context, ReadOnlySpan<byte> image)
    {
        this.context = context;
        context.SetCurrent();
        fixed (byte* pointer = image)
            CudaCheck.ThrowIfFailed(CudaDriver.cuModuleLoadData(out module, pointer));
        CudaResources.AddModule(1);
    }

    /// <summary>The kernel of that name. It lives as long as the module.</summary>
    public CudaKernel GetKernel(string name)
    {
        ObjectDisposedException.ThrowIf(module == default, this);
        context.SetCurrent();
        fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
        {
            CudaCheck.ThrowIfFailed(CudaDriver.cuModuleGetFunction(out var function, module, text));
            return new CudaKernel(context, function, name);
        }
    }

    /// <summary>Unloads the code.</summary>
    public void Dispose()
    {
        if (module == default) return;
        context.SetCurrent();
        var unloaded = module;
        module = default;
        CudaResources.AddModule(-1);
        CudaCheck.ThrowIfReleaseFailed(CudaDriver.cuModuleUnload(unloaded));
    }
}
