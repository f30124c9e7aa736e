#include "stream.hpp"

#include <utility>

#include "diagnosis.hpp"

namespace emulator {
namespace {

constexpr std::size_t longest_queue = 4096;  // bounds the copies of host data that wait

}  // namespace

void Stream::enqueue(std::function<void()> work) {
    waiting.push_back(std::move(work));
    if (waiting.size() >= longest_queue) drain();
}

bool Stream::run_one() {
    if (waiting.empty()) return false;
    const auto work = std::move(waiting.front());
    waiting.pop_front();
    if (diagnosis().empty()) work();
    return true;
}

void Stream::drain() {
    while (run_one()) {
    }
}

void Stream::run_until(const Mark& mark) {
    while (!mark.reached && run_one()) {
    }
}

}  // namespace emulator
