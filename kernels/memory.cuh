// Views of global and shared memory, and the only accesses to them that kernels make.
//
// A view is a pointer and a length. Compiled by NVRTC the length disappears and an access is one instruction; under the
// emulator (DFTNATIVE_EMULATOR) each access is checked against the view, the allocation, alignment and what was ever
// written, and its bytes are counted. Make a view as narrow as the kernel means to go: a row, not the matrix.
#pragma once

#ifdef DFTNATIVE_EMULATOR
// The last parameters of a checked function: the caller's place in the text.
#define DFTNATIVE_CALLER , const char* caller_file = __builtin_FILE(), int caller_line = __builtin_LINE()
#define DFTNATIVE_CALLER_LOCATION (emulator::Location{caller_file, caller_line})
// The last arguments where one checked function calls another on behalf of its caller.
#define DFTNATIVE_PASS_CALLER , caller_file, caller_line
#else
#define DFTNATIVE_CALLER
#define DFTNATIVE_PASS_CALLER
#endif

/// 16 bytes, the widest a thread loads or stores at once: 4 fp32 or 8 bf16.
struct __align__(16) Packet {
    unsigned int words[4];
};

/// `length` elements of global memory.
template <typename T>
struct GlobalView {
    T* data;
    long long length;

    /// The `count` elements from `start`.
    __device__ __forceinline__ GlobalView slice(long long start, long long count) const { return {data + start, count}; }
};

/// `length` elements of the block's shared memory.
template <typename T>
struct SharedView {
    T* data;
    int length;
};

/// The packet that begins at element `index`, of data that several blocks read.
template <typename T>
__device__ __forceinline__ Packet load_packet(GlobalView<const T> view, long long index DFTNATIVE_CALLER) {
    const auto* address = reinterpret_cast<const Packet*>(view.data + index);
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        address, sizeof(Packet), view.data, view.length * sizeof(T), emulator::Access::read_reused, DFTNATIVE_CALLER_LOCATION);
#endif
    return *address;
}

/// The packet that begins at element `index`, of data that is read once: it is the first to leave the caches.
template <typename T>
__device__ __forceinline__ Packet load_packet_streaming(GlobalView<const T> view, long long index DFTNATIVE_CALLER) {
    const auto* address = reinterpret_cast<const Packet*>(view.data + index);
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        address, sizeof(Packet), view.data, view.length * sizeof(T), emulator::Access::read_streaming, DFTNATIVE_CALLER_LOCATION);
    return *address;
#else
    // The clobber keeps it before stores to the same place; loads in a row are in flight together all the same.
    Packet packet;
    asm volatile("ld.global.cs.v4.u32 {%0, %1, %2, %3}, [%4];"
                 : "=r"(packet.words[0]), "=r"(packet.words[1]), "=r"(packet.words[2]), "=r"(packet.words[3])
                 : "l"(address)
                 : "memory");
    return packet;
#endif
}

/// One element, of data that several blocks read.
template <typename T>
__device__ __forceinline__ T load(GlobalView<const T> view, long long index DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        view.data + index, sizeof(T), view.data, view.length * sizeof(T), emulator::Access::read_reused, DFTNATIVE_CALLER_LOCATION);
#endif
    return view.data[index];
}

/// One element, of data that is read once.
template <typename T>
__device__ __forceinline__ T load_streaming(GlobalView<const T> view, long long index DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        view.data + index, sizeof(T), view.data, view.length * sizeof(T), emulator::Access::read_streaming, DFTNATIVE_CALLER_LOCATION);
    return view.data[index];
#else
    // As for a packet: __ldcs may be moved behind a barrier or a store to the same place, which nothing tells it of.
    static_assert(sizeof(T) == 2 || sizeof(T) == 4 || sizeof(T) == 8);
    const T* address = view.data + index;
    if constexpr (sizeof(T) == 2) {
        unsigned short bits;
        asm volatile("ld.global.cs.u16 %0, [%1];" : "=h"(bits) : "l"(address) : "memory");
        return __builtin_bit_cast(T, bits);
    } else if constexpr (sizeof(T) == 4) {
        unsigned int bits;
        asm volatile("ld.global.cs.u32 %0, [%1];" : "=r"(bits) : "l"(address) : "memory");
        return __builtin_bit_cast(T, bits);
    } else {
        unsigned long long bits;
        asm volatile("ld.global.cs.u64 %0, [%1];" : "=l"(bits) : "l"(address) : "memory");
        return __builtin_bit_cast(T, bits);
    }
#endif
}

/// Writes the packet that begins at element `index`.
template <typename T>
__device__ __forceinline__ void store_packet(GlobalView<T> view, long long index, Packet packet DFTNATIVE_CALLER) {
    auto* address = reinterpret_cast<Packet*>(view.data + index);
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        address, sizeof(Packet), view.data, view.length * sizeof(T), emulator::Access::write, DFTNATIVE_CALLER_LOCATION);
#endif
    *address = packet;
}

/// Writes one element.
template <typename T>
__device__ __forceinline__ void store(GlobalView<T> view, long long index, T value DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->global_access(
        view.data + index, sizeof(T), view.data, view.length * sizeof(T), emulator::Access::write, DFTNATIVE_CALLER_LOCATION);
#endif
    view.data[index] = value;
}

/// `length` elements of the launch's dynamic shared memory, from byte `offset`. All shared memory is dynamic, so that the
/// emulator can give each block its exact size.
template <typename T>
__device__ __forceinline__ SharedView<T> shared_memory(int offset, int length DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    const auto size = length * static_cast<long long>(sizeof(T));
    return {static_cast<T*>(emulator::runtime->shared_memory(offset, size, DFTNATIVE_CALLER_LOCATION)), length};
#else
    extern __shared__ __align__(16) unsigned char dynamic_shared_memory[];
    return {reinterpret_cast<T*>(dynamic_shared_memory + offset), length};
#endif
}

#ifndef DFTNATIVE_EMULATOR
/// A shared address as PTX takes it: 32 bits, from the begin of shared memory.
__device__ __forceinline__ unsigned int shared_address(const void* pointer) {
    return static_cast<unsigned int>(__cvta_generic_to_shared(pointer));
}
#endif

/// One element of shared memory.
template <typename T>
__device__ __forceinline__ T load(SharedView<T> view, int index DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_access(
        view.data + index, sizeof(T), view.data, view.length * static_cast<long long>(sizeof(T)), false, DFTNATIVE_CALLER_LOCATION);
#endif
    return view.data[index];
}

/// Writes one element of shared memory.
template <typename T>
__device__ __forceinline__ void store(SharedView<T> view, int index, T value DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_access(
        view.data + index, sizeof(T), view.data, view.length * static_cast<long long>(sizeof(T)), true, DFTNATIVE_CALLER_LOCATION);
#endif
    view.data[index] = value;
}

/// The packet of shared memory that begins at element `index`.
template <typename T>
__device__ __forceinline__ Packet load_packet(SharedView<T> view, int index DFTNATIVE_CALLER) {
    const auto* address = reinterpret_cast<const Packet*>(view.data + index);
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_access(
        address, sizeof(Packet), view.data, view.length * static_cast<long long>(sizeof(T)), false, DFTNATIVE_CALLER_LOCATION);
#endif
    return *address;
}

/// Writes the packet of shared memory that begins at element `index`.
template <typename T>
__device__ __forceinline__ void store_packet(SharedView<T> view, int index, Packet packet DFTNATIVE_CALLER) {
    auto* address = reinterpret_cast<Packet*>(view.data + index);
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_access(
        address, sizeof(Packet), view.data, view.length * static_cast<long long>(sizeof(T)), true, DFTNATIVE_CALLER_LOCATION);
#endif
    *address = packet;
}

/// Adds to a word of shared memory, whatever other threads add to it meanwhile. Returns the word as it was.
__device__ __forceinline__ unsigned int atomic_add(SharedView<unsigned int> view, int index, unsigned int value DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_atomic(
        view.data + index, sizeof value, view.data, view.length * static_cast<long long>(sizeof value), DFTNATIVE_CALLER_LOCATION);
    const unsigned int before = view.data[index];
    view.data[index] = before + value;
    return before;
#else
    return atomicAdd(view.data + index, value);
#endif
}

/// Sets bits of a word of shared memory, whatever other threads set in it meanwhile.
__device__ __forceinline__ void atomic_or(SharedView<unsigned int> view, int index, unsigned int bits DFTNATIVE_CALLER) {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->shared_atomic(
        view.data + index, sizeof bits, view.data, view.length * static_cast<long long>(sizeof bits), DFTNATIVE_CALLER_LOCATION);
    view.data[index] |= bits;
#else
    atomicOr(view.data + index, bits);
#endif
}
