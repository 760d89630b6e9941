#pragma once

// What the process has of the emulated driver: memory, streams, and graphs that are captured.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "../emulation/launch.h"
#include "driver_status.h"

namespace emulation {

struct Function {
  emulation::KernelEntry entry = nullptr;
  uint32_t argument_bytes = 0;
  uint32_t threads = 0;
  std::string name;
};

struct Module {
  void* library = nullptr;
  std::map<std::string, Function> functions;
};

struct Allocation {
  std::unique_ptr<std::byte[]> memory;
  size_t bytes = 0;
};

using Work = std::deque<std::function<void()>>;

// A stream whose work becomes a graph; one that did what no graph may is lost.
struct Capture {
  Work work;
  bool is_invalidated = false;
};

// All that the process has of the driver; a primary context is just the number of its device.
struct State {
  std::recursive_mutex lock;
  std::map<uint64_t, Allocation> allocations;
  std::map<void*, Work> streams;
  std::map<void*, Capture> captures;
  std::deque<Work> graphs;
  std::deque<Module> modules;
  int lost = kSuccess;  // sticky
};

State& state();

// The contexts that the thread has made current, a stack; a primary context is just the number of
// its device.
extern thread_local std::deque<void*> contexts;

// A number of the environment.
long setting(const char* name, long fallback);

// What a call returns before it does anything: a lost context stays lost, and there has to be one.
int unusable();

int allocate(unsigned long long* address, size_t bytes);
int release(unsigned long long address);

// Whether a range lies in one allocation.
bool allocated(uint64_t address, size_t bytes);

// What ends every capture, as what is done now cannot be part of a graph; returns the status.
int refused(int status);

bool is_captured(void* stream);

// The legacy stream waits for all others, which a capture forbids.
bool is_implicit(void* stream);

// Work for later: of the stream, or of the graph that it is captured for.
int enqueue(void* stream, std::function<void()> work);

void run_stream(void* stream);
void run_all();

}  // namespace emulation
