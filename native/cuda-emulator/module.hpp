// A loaded module: the shared object inside an image that the emulated NVRTC made.
#pragma once
#include <memory>

#include "kernel_interface.hpp"

namespace emulator {

struct Module {
    int file;
    void* shared_object;
    const KernelDescription* kernels;
    int kernel_count;
};

/// Loads an image; on failure returns a status of cuda.h.
int load_module(const void* image, std::unique_ptr<Module>& module);
void unload_module(const Module& module);

}  // namespace emulator
