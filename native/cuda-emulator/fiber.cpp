#include "fiber.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#include "settings.hpp"

#if !defined(__x86_64__)
#error "the emulator's fiber switch is written for x86-64"
#endif

namespace emulator {
namespace {

constexpr std::size_t guard_size = 4096;

/// AddressSanitizer surrounds a kernel's variables with red zones.
std::size_t stack_size() { return (settings().address_sanitizer ? 256 : 64) * 1024; }

}  // namespace

/// Of libasan; null where it is not preloaded.
extern "C" __attribute__((weak)) void __asan_unpoison_memory_region(const volatile void* address, std::size_t size);

// The System V calling convention: rbx, rbp, r12-r15 belong to the caller; everything else is dead across a call.
asm(R"(
.text
.hidden dftnative_emulator_switch
.globl dftnative_emulator_switch
.type dftnative_emulator_switch, @function
dftnative_emulator_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size dftnative_emulator_switch, . - dftnative_emulator_switch
)");

Fiber::Fiber(void (*entry)()) : entry(entry) {
    void* memory = mmap(nullptr, guard_size + stack_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    mapping = static_cast<char*>(memory);
    mprotect(mapping, guard_size, PROT_NONE);
    rewind();
}

Fiber::~Fiber() { munmap(mapping, guard_size + stack_size()); }

void Fiber::rewind() {
    // Frames that were abandoned left their red zones.
    if (__asan_unpoison_memory_region != nullptr) __asan_unpoison_memory_region(mapping + guard_size, stack_size());
    // The top holds a null return address above the entry's: at its first instruction rsp % 16 is 8, as after a call.
    auto* top = reinterpret_cast<std::uintptr_t*>(mapping + guard_size + stack_size()) - 1;
    *top = 0;
    *--top = reinterpret_cast<std::uintptr_t>(entry);
    for (int saved_register = 0; saved_register < 6; saved_register++) *--top = 0;
    context = top;
}

}  // namespace emulator
