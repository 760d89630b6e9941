// libnvrtc.so.13 of the emulation: compiles the kernels' text with clang-19 for the host's
// processor, with the instrumentation that the checker needs. What it calls a cubin is a shared
// object.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

extern char** environ;

namespace {

struct Program {
  std::string source;
  std::string log;
  std::string cubin;
};

// As tests/metal's translator has it: the hooks that the sanitizers insert are those of
// tests/emulation.
const char* const kCommand[] = {
    "clang-19",
    "-x",
    "c++",
    "-std=c++17",
    "-shared",
    "-fPIC",
    "-O1",
    "-gline-tables-only",
    "-ffp-contract=off",
    "-fno-vectorize",
    "-fno-slp-vectorize",
    "-fno-exceptions",
    "-fsanitize=thread",
    "-mllvm",
    "-tsan-instrument-func-entry-exit=false",
    "-fsanitize=integer-divide-by-zero,bounds,float-cast-overflow,null,return,alignment",
    "-fno-sanitize-link-runtime",
    "-Wall",
    "-Wno-unknown-pragmas",
    "-Wno-unused-const-variable",
    "-Wno-unused-function",
    "-I" CUDA_EMULATION_TESTS "/cuda",
    "-I" CUDA_EMULATION_TESTS "/emulation"};

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool run(const std::vector<std::string>& command, const std::string& log) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  pid_t child = 0;
  const int started =
      posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (started != 0) return false;
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool compile(Program& program, const std::vector<std::string>& macros) {
  char folder[] = "/tmp/cuda_emulation.XXXXXX";
  if (mkdtemp(folder) == nullptr) return false;
  const std::string base = std::string(folder) + "/kernels";
  std::ofstream(base + ".cu") << program.source;
  std::vector<std::string> command(std::begin(kCommand), std::end(kCommand));
  command.insert(command.end(), macros.begin(), macros.end());
  command.insert(command.end(),
                 {"-o", base + ".so", base + ".cu", "-xnone", CUDA_EMULATION_DRIVER});
  const bool done = run(command, base + ".log");
  program.log = contents(base + ".log");
  program.cubin = contents(base + ".so");
  for (const char* ending : {".cu", ".so", ".log"}) unlink((base + ending).c_str());
  rmdir(folder);
  return done && program.log.empty();
}

}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return 0;
}

int nvrtcCreateProgram(Program** program, const char* source, const char*, int, const char* const*,
                       const char* const*) {
  *program = new Program();
  (*program)->source = source;
  return 0;
}

int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  std::vector<std::string> macros;
  for (int i = 0; i < count; ++i) {
    if (std::strncmp(options[i], "-D", 2) == 0) macros.emplace_back(options[i]);
  }
  return compile(*program, macros) ? 0 : 6;
}

int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return 0;
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  *bytes = program->log.size();
  return 0;
}

int nvrtcGetProgramLog(Program* program, char* log) {
  std::memcpy(log, program->log.data(), program->log.size());
  return 0;
}

int nvrtcGetCUBINSize(Program* program, size_t* bytes) {
  *bytes = program->cubin.size();
  return 0;
}

int nvrtcGetCUBIN(Program* program, char* cubin) {
  std::memcpy(cubin, program->cubin.data(), program->cubin.size());
  return 0;
}

}  // extern "C"
