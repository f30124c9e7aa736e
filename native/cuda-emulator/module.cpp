#include "module.hpp"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "block_executor.hpp"
#include "cuda_result.hpp"
#include "identity.hpp"
#include "settings.hpp"

namespace emulator {
namespace {

// A cubin runs on its own major architecture from its minor on; one made for "sm_90a" on that alone.
bool runs_here(const ImageHeader& header) {
    const int device = multiprocessor().architecture;
    if (header.exact_architecture != 0) return header.architecture == device;
    return header.architecture / 10 == device / 10 && header.architecture <= device;
}

bool write_all(int file, const char* bytes, long long size) {
    while (size > 0) {
        const auto written = write(file, bytes, static_cast<std::size_t>(size));
        if (written <= 0) return false;
        bytes += written;
        size -= written;
    }
    return true;
}

}  // namespace

int load_module(const void* image, std::unique_ptr<Module>& module) {
    ImageHeader header;
    std::memcpy(&header, image, sizeof header.magic);
    if (std::memcmp(header.magic, image_magic, sizeof image_magic) != 0) return no_binary_for_gpu;  // a real cubin, or PTX
    std::memcpy(&header, image, sizeof header);
    if (header.identity != emulator_identity() || !runs_here(header)) return no_binary_for_gpu;

    const int file = memfd_create("dftnative-emulated-module", MFD_CLOEXEC);
    if (file < 0) return out_of_memory;
    void* shared_object = nullptr;
    if (write_all(file, static_cast<const char*>(image) + sizeof header, header.size)) {
        // The loader knows libraries by their path, so the descriptor stays open as long as the module: no two share one.
        shared_object = dlopen(("/proc/self/fd/" + std::to_string(file)).c_str(), RTLD_NOW | RTLD_LOCAL);
    }
    const auto entry =
        shared_object == nullptr ? nullptr : reinterpret_cast<ModuleEntry>(dlsym(shared_object, module_entry_name));
    if (entry == nullptr) {
        if (shared_object != nullptr) dlclose(shared_object);
        close(file);
        return invalid_image;
    }
    module = std::make_unique<Module>();
    module->file = file;
    module->shared_object = shared_object;
    module->kernels = entry(&kernel_runtime(), &module->kernel_count);
    return success;
}

void unload_module(const Module& module) {
    dlclose(module.shared_object);
    close(module.file);
}

}  // namespace emulator
