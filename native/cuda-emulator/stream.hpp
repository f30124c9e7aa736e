// A stream: work that waits. It runs as late as CUDA allows, at the next synchronisation, so that a host that forgets to
// wait sees stale data here, where a fast copy on a real machine might hide it.
#pragma once
#include <deque>
#include <functional>

namespace emulator {

class Stream {
public:
    void enqueue(std::function<void()> work);

    /// Runs what waits, in order; nothing more after a fault.
    void drain();

private:
    std::deque<std::function<void()>> waiting;
};

}  // namespace emulator
