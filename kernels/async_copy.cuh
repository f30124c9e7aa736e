// Copies from global to shared memory that a thread does not wait for: cp.async and its groups (PTX ISA, "Data Movement
// and Conversion Instructions: Non-Tensor Copy Instructions"). A thread's wait makes the bytes visible to that thread
// alone: the others see them after the next barrier.
#pragma once
#include "memory.cuh"

/// Begins copying the packet at `source_index` past the first-level cache; zeros where it does not exist, when the source
/// is not touched.
template <typename T>
__device__ __forceinline__ void copy_packet_async(
    SharedView<T> destination, int index, GlobalView<const T> source, long long source_index, bool exists DFTNATIVE_CALLER) {
    const int source_size = exists ? sizeof(Packet) : 0;
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->async_copy(
        {destination.data + index, destination.data, destination.length * static_cast<long long>(sizeof(T)),
         source.data + source_index, source.data, source.length * static_cast<long long>(sizeof(T)), sizeof(Packet), source_size},
        DFTNATIVE_CALLER_LOCATION);
#else
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(shared_address(destination.data + index)),
                 "l"(source.data + source_index), "r"(source_size)
                 : "memory");
#endif
}

/// Begins copying one element of 4 bytes, likewise (through the first-level cache: only packets can pass it).
template <typename T>
__device__ __forceinline__ void copy_element_async(
    SharedView<T> destination, int index, GlobalView<const T> source, long long source_index, bool exists DFTNATIVE_CALLER) {
    static_assert(sizeof(T) == 4);
    const int source_size = exists ? sizeof(T) : 0;
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->async_copy(
        {destination.data + index, destination.data, destination.length * static_cast<long long>(sizeof(T)),
         source.data + source_index, source.data, source.length * static_cast<long long>(sizeof(T)), sizeof(T), source_size},
        DFTNATIVE_CALLER_LOCATION);
#else
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(shared_address(destination.data + index)),
                 "l"(source.data + source_index), "r"(source_size)
                 : "memory");
#endif
}

/// Ends the thread's current group: what it began to copy since the last one.
__device__ __forceinline__ void commit_async_copies() {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->async_commit();
#else
    asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

/// Waits for all of the thread's groups but the PENDING_GROUPS last.
template <int PENDING_GROUPS>
__device__ __forceinline__ void wait_for_async_copies() {
#ifdef DFTNATIVE_EMULATOR
    emulator::runtime->async_wait(PENDING_GROUPS);
#else
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING_GROUPS) : "memory");
#endif
}
