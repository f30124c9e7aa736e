// NVRTC, as far as DftNative.Cuda calls it: the same .cu text, compiled by g++ into a shared object.
#include <dlfcn.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "identity.hpp"
#include "kernel_interface.hpp"
#include "settings.hpp"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulator {
namespace {

namespace fs = std::filesystem;

// nvrtc.h 12.4
enum NvrtcResult {
    nvrtc_success = 0,
    program_creation_failure = 2,
    invalid_input = 3,
    invalid_program = 4,
    invalid_option = 5,
    compilation = 6,
};

struct Program {
    std::string name;
    std::string source;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string log;
    std::string image;
};

/// The folder of this library: the shim's header lies beside it.
fs::path own_folder() {
    Dl_info information;
    dladdr(reinterpret_cast<void*>(&own_folder), &information);
    return fs::path(information.dli_fname).parent_path();
}

std::string read(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void write(const fs::path& path, const std::string& text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

/// The text with comments blanked out.
std::string without_comments(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        if (text.compare(i, 2, "//") == 0) {
            i = std::min(text.find('\n', i), text.size());
        } else if (text.compare(i, 2, "/*") == 0) {
            i = std::min(text.find("*/", i + 2), text.size() - 2) + 2;
        } else {
            result += text[i++];
        }
    }
    return result;
}

std::size_t skip_parentheses(const std::string& text, std::size_t open) {
    int depth = 0;
    for (auto i = open; i < text.size(); i++) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (depth == 0) return i + 1;
    }
    return text.size();
}

/// The lines to append: an entry for each `__global__ void [__launch_bounds__(N)] name(` in the text.
std::string module_trailer(const std::string& source) {
    const auto text = without_comments(source);
    std::string trailer = "\nDFTNATIVE_EMULATED_MODULE_BEGIN\n";
    const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    for (auto at = text.find("__global__"); at != std::string::npos; at = text.find("__global__", at + 1)) {
        std::string word, bounds = "0";
        auto i = at + std::strlen("__global__");
        while (i < text.size()) {
            if (text[i] == '(') {
                if (word != "__launch_bounds__") break;
                const auto end = skip_parentheses(text, i);
                bounds = text.substr(i + 1, end - i - 2);
                bounds = bounds.substr(0, bounds.find(','));
                i = end;
                word.clear();
            } else if (is_name(text[i])) {
                word.clear();
                while (i < text.size() && is_name(text[i])) word += text[i++];
            } else {
                i++;
            }
        }
        trailer += "DFTNATIVE_EMULATED_KERNEL(" + word + ", " + bounds + ")\n";
    }
    return trailer + "DFTNATIVE_EMULATED_MODULE_END\n";
}

/// NVRTC's options in g++'s words.
struct Options {
    std::vector<std::string> defines;
    int architecture = 52;  // NVRTC 12's default
    bool exact_architecture = false;
};

bool parse(int count, const char* const* texts, Options& options, std::string& log) {
    for (int index = 0; index < count; index++) {
        const std::string text = texts[index];
        const auto value_after = [&](const char* prefix) {
            return text.rfind(prefix, 0) == 0 ? text.substr(std::strlen(prefix)) : std::string();
        };
        if (auto name = value_after("--gpu-architecture=sm_"); !name.empty()) {
            options.exact_architecture = name.back() == 'a';
            options.architecture = std::atoi(name.c_str());
        } else if (text.rfind("-D", 0) == 0 && text.size() > 2) {
            options.defines.push_back(text);
        } else if (text != "--std=c++20" && text != "--fmad=false" && text.rfind("--ptxas-options=", 0) != 0) {
            log = "emulated nvrtc: error: unrecognized option " + text + " found\n";
            return false;
        }
    }
    return true;
}

/// Runs a command in a folder with all it says going to a file; its exit status.
int run(const std::vector<std::string>& command, const fs::path& folder, const fs::path& output) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    // What this process has preloaded is not meant for the compiler.
    std::vector<char*> environment;
    for (char** variable = environ; *variable != nullptr; variable++) {
        if (std::strncmp(*variable, "LD_PRELOAD=", std::strlen("LD_PRELOAD=")) != 0) environment.push_back(*variable);
    }
    environment.push_back(nullptr);
    pid_t child;
    const int failure = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        std::ofstream(output) << command[0] << ": " << std::strerror(failure) << "\n";
        return 127;
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

bool compile(Program& program, const Options& options) {
    if (settings().address_sanitizer && dlsym(RTLD_DEFAULT, "__asan_init") == nullptr) {
        program.log = "emulated nvrtc: error: DFTNATIVE_EMULATOR_ASAN needs libasan.so in LD_PRELOAD\n";
        return false;
    }
    const auto folder_pattern = (fs::temp_directory_path() / "dftnative-nvrtc-XXXXXX").string();
    std::vector<char> folder_text(folder_pattern.begin(), folder_pattern.end());
    folder_text.push_back('\0');
    if (mkdtemp(folder_text.data()) == nullptr) {
        program.log = "emulated nvrtc: error: no temporary folder\n";
        return false;
    }
    const fs::path folder = folder_text.data();
    write(folder / program.name, program.source + module_trailer(program.source));
    for (const auto& [name, text] : program.headers) write(folder / name, text);

    // No contraction: kernels write fmaf where they mean it, and NVRTC is told --fmad=false. No unique symbols: they
    // would tie modules to each other and keep them from unloading. Local arrays, which no view guards, are checked by the
    // compiler; its handlers are the shim's, so the sanitizers' libraries are not linked.
    std::vector<std::string> command = {
        "g++", "-x", "c++", "-std=c++20", "-O1", "-g", "-march=native", "-ffp-contract=off", "-fno-strict-aliasing",
        "-fno-exceptions", "-fno-rtti", "-fno-gnu-unique", "-fno-math-errno", "-fvisibility=hidden", "-fmax-errors=20", "-w",
        "-fsanitize=bounds-strict,shift-exponent,integer-divide-by-zero", "-fno-sanitize-recover=all",
        "-fPIC", "-shared", "-nodefaultlibs", "-nostdinc", "-nostdinc++", "-I.", "-include",
        (own_folder() / "kernel_shim.hpp").string(),
        "-D__CUDA_ARCH__=" + std::to_string(options.architecture * 10), "-D__CUDACC_RTC__=1"};
    if (settings().address_sanitizer) command.insert(command.end(), {"-fsanitize=address", "-fno-omit-frame-pointer"});
    command.insert(command.end(), options.defines.begin(), options.defines.end());
    command.insert(command.end(), {program.name, "-o", "module.so", "-lm", "-lc", "-lgcc"});
    const bool compiled = run(command, folder, folder / "log") == 0;
    program.log = read(folder / "log");
    if (compiled) {
        const auto object = read(folder / "module.so");
        ImageHeader header{};
        std::memcpy(header.magic, image_magic, sizeof image_magic);
        header.architecture = options.architecture;
        header.exact_architecture = options.exact_architecture ? 1 : 0;
        header.identity = emulator_identity();
        header.size = static_cast<long long>(object.size());
        program.image.assign(reinterpret_cast<const char*>(&header), sizeof header);
        program.image += object;
    }
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return compiled;
}

}  // namespace

EXPORT int nvrtcVersion(int* major, int* minor) {
    *major = settings().nvrtc_version / 1000;
    *minor = settings().nvrtc_version % 1000 / 10;
    return nvrtc_success;
}

EXPORT const char* nvrtcGetErrorString(int result) {
    switch (result) {
        case nvrtc_success: return "NVRTC_SUCCESS";
        case program_creation_failure: return "NVRTC_ERROR_PROGRAM_CREATION_FAILURE";
        case invalid_input: return "NVRTC_ERROR_INVALID_INPUT";
        case invalid_program: return "NVRTC_ERROR_INVALID_PROGRAM";
        case invalid_option: return "NVRTC_ERROR_INVALID_OPTION";
        case compilation: return "NVRTC_ERROR_COMPILATION";
        default: return "NVRTC_ERROR unknown";
    }
}

EXPORT int nvrtcCreateProgram(
    Program** program, const char* source, const char* name, int header_count, const char* const* headers,
    const char* const* include_names) {
    if (program == nullptr || source == nullptr || header_count < 0) return invalid_input;
    auto* created = new Program;
    created->name = name == nullptr ? "default_program" : name;
    created->source = source;
    for (int index = 0; index < header_count; index++) created->headers.emplace_back(include_names[index], headers[index]);
    *program = created;
    return nvrtc_success;
}

EXPORT int nvrtcDestroyProgram(Program** program) {
    if (program == nullptr || *program == nullptr) return invalid_program;
    delete *program;
    *program = nullptr;
    return nvrtc_success;
}

EXPORT int nvrtcCompileProgram(Program* program, int option_count, const char* const* option_texts) {
    if (program == nullptr) return invalid_program;
    Options options;
    if (!parse(option_count, option_texts, options, program->log)) return invalid_option;
    return compile(*program, options) ? nvrtc_success : compilation;
}

EXPORT int nvrtcGetCUBINSize(Program* program, std::size_t* size) {
    if (program == nullptr) return invalid_program;
    *size = program->image.size();
    return nvrtc_success;
}

EXPORT int nvrtcGetCUBIN(Program* program, char* image) {
    if (program == nullptr) return invalid_program;
    std::memcpy(image, program->image.data(), program->image.size());
    return nvrtc_success;
}

EXPORT int nvrtcGetProgramLogSize(Program* program, std::size_t* size) {
    if (program == nullptr) return invalid_program;
    *size = program->log.size() + 1;
    return nvrtc_success;
}

EXPORT int nvrtcGetProgramLog(Program* program, char* log) {
    if (program == nullptr) return invalid_program;
    std::memcpy(log, program->log.c_str(), program->log.size() + 1);
    return nvrtc_success;
}

}  // namespace emulator
