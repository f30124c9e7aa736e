// Stackful coroutines with a hand-made switch: ucontext saves the signal mask by a system call, some 300 ns a switch.
#pragma once

namespace emulator {

/// A suspended flow of control: its stack pointer, below which its callee-saved registers lie.
using FiberContext = void*;

/// Saves this flow in `from` and goes on with `to`.
extern "C" void dftnative_emulator_switch(FiberContext* from, FiberContext to);

/// A stack of its own with a guard page below, so that an overflow faults instead of corrupting.
class Fiber {
public:
    /// `entry` never returns.
    explicit Fiber(void (*entry)());
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    /// Forgets what the fiber was doing: the next switch to it begins `entry` anew.
    void rewind();

    FiberContext context = nullptr;

private:
    char* mapping;
    void (*entry)();
};

}  // namespace emulator
