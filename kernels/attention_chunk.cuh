// What a block of the decode kernels works on: a chunk of the keys that one query sees, made by the host.
#pragma once
#include "memory.cuh"

struct AttentionChunk {
    int row;        // of the query
    int first_key;  // the sequence's
    int key_count;  // that the query sees, in all chunks
    int index;      // the chunk's, from 0
};

__device__ __forceinline__ AttentionChunk load_chunk(const int* chunks, int index) {
    const Packet packet = load_packet(GlobalView<const int>{chunks + index * 4LL, 4}, 0);
    return __builtin_bit_cast(AttentionChunk, packet);
}
