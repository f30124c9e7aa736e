// The driver's status codes that the emulator returns, with the values of cuda.h 12.4.
#pragma once

namespace emulator {

enum Result {
    success = 0,
    invalid_value = 1,
    out_of_memory = 2,
    not_initialized = 3,
    no_device = 100,
    invalid_device = 101,
    invalid_image = 200,
    invalid_context = 201,
    no_binary_for_gpu = 209,
    invalid_handle = 400,
    not_found = 500,
    not_ready = 600,
    launch_out_of_resources = 701,
    launch_failed = 719,
    unknown = 999,
};

const char* name_of(int result);
const char* text_of(int result);

}  // namespace emulator
