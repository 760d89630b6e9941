#include "driver_state.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace emulation {

thread_local std::deque<void*> contexts;

State& state() {
  static State& all = *new State();
  return all;
}

long setting(const char* name, long fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? std::strtol(value, nullptr, 10) : fallback;
}

int unusable() {
  if (state().lost != kSuccess) return state().lost;
  return contexts.empty() ? kInvalidContext : kSuccess;
}

int allocate(unsigned long long* address, size_t bytes) {
  if (bytes == 0) return kInvalidValue;
  if (bytes > size_t{1} << 32) return kOutOfMemory;
  Allocation allocation;
  allocation.bytes = bytes;
  void* memory = ::operator new[](bytes, std::align_val_t{256});
  std::memset(memory, 0xC7, bytes);  // floats of it are no small numbers
  *address = reinterpret_cast<uint64_t>(memory);
  allocation.memory.reset(static_cast<std::byte*>(memory));
  state().allocations[*address] = std::move(allocation);
  return kSuccess;
}

int release(unsigned long long address) {
  const auto found = state().allocations.find(address);
  if (found == state().allocations.end()) return kInvalidValue;
  ::operator delete[](found->second.memory.release(), std::align_val_t{256});
  state().allocations.erase(found);
  return kSuccess;
}

bool allocated(uint64_t address, size_t bytes) {
  auto next = state().allocations.upper_bound(address);
  if (next == state().allocations.begin()) return false;
  const auto& [begin, allocation] = *--next;
  return address - begin <= allocation.bytes && bytes <= allocation.bytes - (address - begin);
}

int refused(int status) {
  for (auto& [stream, capture] : state().captures) capture.is_invalidated = true;
  return status;
}

bool is_captured(void* stream) { return state().captures.count(stream) != 0; }

bool is_implicit(void* stream) { return stream == nullptr && !state().captures.empty(); }

int enqueue(void* stream, std::function<void()> work) {
  if (is_implicit(stream)) return refused(kCaptureImplicit);
  if (!is_captured(stream)) {
    state().streams[stream].push_back(std::move(work));
    return kSuccess;
  }
  Capture& capture = state().captures[stream];
  if (capture.is_invalidated) return kCaptureInvalidated;
  capture.work.push_back(std::move(work));
  return kSuccess;
}

void run_stream(void* stream) {
  Work& work = state().streams[stream];
  while (!work.empty()) {
    const std::function<void()> next = std::move(work.front());
    work.pop_front();
    if (state().lost == kSuccess) next();
  }
}

void run_all() {
  for (auto& [stream, work] : state().streams) run_stream(stream);
}

}  // namespace emulation
