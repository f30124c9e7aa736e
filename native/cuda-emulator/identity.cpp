#include "identity.hpp"

#include <fstream>
#include <string>

#include "settings.hpp"

namespace emulator {
namespace {

/// FNV-1a.
std::uint64_t hash(const std::string& text) {
    std::uint64_t value = 0xCBF29CE484222325;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    return value;
}

std::string cpu_features() {
    std::ifstream stream("/proc/cpuinfo");
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("flags", 0) == 0) return line;
    }
    return "";
}

}  // namespace

std::uint64_t emulator_identity() {
    static const std::uint64_t identity = hash(
        EMULATOR_SOURCES_HASH + cpu_features() + (settings().address_sanitizer ? "AddressSanitizer" : ""));
    return identity;
}

}  // namespace emulator
