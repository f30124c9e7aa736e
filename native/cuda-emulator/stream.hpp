// A stream: work that waits. It runs as late as CUDA allows, at the next synchronisation, so that a host that forgets to
// wait sees stale data here, where a fast copy on a real machine might hide it.
#pragma once
#include <deque>
#include <functional>

namespace emulator {

class Stream;

/// A point in a stream that an event recorded.
struct Mark {
    Stream* stream;
    bool reached = false;
    double milliseconds = 0;  // of the host's clock, when it was reached
};

class Stream {
public:
    void enqueue(std::function<void()> work);

    /// Runs the piece of work that waits longest; nothing more after a fault. False where none waited.
    bool run_one();

    /// Runs what waits, in order.
    void drain();

    /// Runs what waits, up to a mark of this stream.
    void run_until(const Mark& mark);

private:
    std::deque<std::function<void()>> waiting;
};

}  // namespace emulator
