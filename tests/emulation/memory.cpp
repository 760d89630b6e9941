// The memory checker: every access of a kernel compiled with the translator's instrumentation.

#include <dlfcn.h>
#include <link.h>

#include <cstdio>
#include <cstring>

#include "machine.h"

namespace emulation {
namespace {

struct Image {
  uintptr_t begin;
  uintptr_t end;
};

std::vector<Image>& images() {
  static std::vector<Image> all;
  return all;
}

bool is_constant(uintptr_t address) {
  for (const Image& image : images()) {
    if (address >= image.begin && address < image.end) return true;
  }
  return false;
}

// Where in the compiled kernel, as addr2line takes it.
std::string place(const void* code) {
  Dl_info info;
  char text[300];
  if (dladdr(code, &info) == 0 || info.dli_fname == nullptr) return "an unknown place";
  const char* slash = std::strrchr(info.dli_fname, '/');
  const auto offset = static_cast<const char*>(code) - 1 - static_cast<const char*>(info.dli_fbase);
  std::snprintf(text, sizeof text, "%s+0x%lx", slash != nullptr ? slash + 1 : info.dli_fname,
                static_cast<unsigned long>(offset));
  return text;
}

const char* verb(bool write) { return write ? "write" : "read"; }

}  // namespace

void admit_constants_of(const void* symbol) {
  Dl_info info;
  if (dladdr(symbol, &info) == 0) return;
  const auto base = reinterpret_cast<uintptr_t>(info.dli_fbase);
  dl_iterate_phdr(
      [](dl_phdr_info* image, size_t, void* wanted) {
        if (image->dlpi_addr != *static_cast<const uintptr_t*>(wanted)) return 0;
        for (int i = 0; i < image->dlpi_phnum; ++i) {
          if (image->dlpi_phdr[i].p_type != PT_LOAD) continue;
          const uintptr_t begin = image->dlpi_addr + image->dlpi_phdr[i].p_vaddr;
          images().push_back({begin, begin + image->dlpi_phdr[i].p_memsz});
        }
        return 1;
      },
      const_cast<uintptr_t*>(&base));
}

void Machine::bind(const Binding& binding, int index) {
  MemoryRange range;
  range.begin = reinterpret_cast<uintptr_t>(binding.data);
  range.end = range.begin + binding.bytes;
  range.writable = binding.writable;
  range.index = index;
  for (MemoryRange& other : buffers_) {
    if (range.begin >= other.end || range.end <= other.begin) continue;
    if (range.writable || other.writable) {
      report("buffers %d and %d overlap, and one of them is written", other.index, index);
    }
  }
  buffers_.push_back(std::move(range));
}

// One range for each stretch of device memory, however many bindings share it.
void Machine::bind_buffers() {
  for (int i = 0; i < kEmulationBuffers; ++i) {
    if (launch_.buffers[i].data != nullptr) bind(launch_.buffers[i], i);
  }
  int index = kEmulationBuffers;
  for (const Binding& allocation : launch_.heap) bind(allocation, index++);
}

MemoryRange* Machine::range_of(uintptr_t address) {
  for (auto* ranges : {&variables_, &buffers_}) {
    for (MemoryRange& range : *ranges) {
      if (range.contains(address)) return &range;
    }
  }
  return nullptr;
}

void Machine::report_out_of_bounds(uintptr_t address, size_t bytes, bool write, const void* code) {
  const MemoryRange* nearest = nullptr;
  uintptr_t distance = ~uintptr_t{0};
  for (const auto* ranges : {&variables_, &buffers_}) {
    for (const MemoryRange& range : *ranges) {
      const uintptr_t away = address < range.begin ? range.begin - address : address - range.end;
      if (away < distance) {
        nearest = &range;
        distance = away;
      }
    }
  }
  if (nearest == nullptr) {
    return report("out of bounds: %s of %zu bytes by %s, and no buffer is bound, at %s",
                  verb(write), bytes, running_thread().c_str(), place(code).c_str());
  }
  report("out of bounds: %s of %zu bytes by %s, %lu bytes %s %s %d of %lu bytes, at %s",
         verb(write), bytes, running_thread().c_str(), static_cast<unsigned long>(distance),
         address < nearest->begin ? "before" : "after the end of", nearest->name(), nearest->index,
         static_cast<unsigned long>(nearest->end - nearest->begin), place(code).c_str());
}

Accessor Machine::accessor(const MemoryRange& range) const {
  const Simdgroup& simdgroup = simdgroups_[running_->simdgroup()];
  Accessor accessor;
  accessor.thread = running_->index;
  accessor.threadgroup = threadgroup_;
  if (range.kind == MemoryRange::Kind::kThreadgroup) {
    accessor.barriers = threadgroup_barriers_;
    accessor.simdgroup_barriers = simdgroup.threadgroup_barriers;
  } else {
    accessor.barriers = device_barriers_;
    accessor.simdgroup_barriers = simdgroup.device_barriers;
  }
  return accessor;
}

void Machine::touch(uintptr_t address, size_t bytes, Access access, const void* code) {
  const auto stack = reinterpret_cast<uintptr_t>(running_->fiber.stack());
  if (address - stack < Fiber::kStackBytes) return;
  const bool write = access == Access::kWrite || access == Access::kAtomicWrite;
  MemoryRange* const range = range_of(address);
  if (range == nullptr || address + bytes > range->end) {
    const auto deposits = reinterpret_cast<uintptr_t>(&simdgroups_[running_->simdgroup()].deposits);
    const auto arguments = reinterpret_cast<uintptr_t>(&running_->arguments);
    const bool own = address - deposits < sizeof simdgroups_[0].deposits ||
                     address - arguments < sizeof running_->arguments;
    if (!write && (own || is_constant(address))) return;
    report_out_of_bounds(address, bytes, write, code);
    return stop();
  }
  if (write && !range->writable) {
    return report("read-only: write to %s %d by %s at %s", range->name(), range->index,
                  running_thread().c_str(), place(code).c_str());
  }
  if (access == Access::kAtomicRead || access == Access::kAtomicWrite) return;
  if (range->bytes.empty()) range->bytes.resize(range->end - range->begin);
  const Accessor me = accessor(*range);
  for (size_t i = address - range->begin; i < address - range->begin + bytes; ++i) {
    ShadowByte& shadow = range->bytes[i];
    if (range->kind == MemoryRange::Kind::kThreadgroup && !write && !shadow.written) {
      report("unwritten: read of %s %d + %zu by %s at %s", range->name(), range->index, i,
             running_thread().c_str(), place(code).c_str());
      shadow.written = true;
      shadow.writer = me;
      return;
    }
    const Accessor other = shadow.opponent();
    if (write ? shadow.write(me) : shadow.read(me)) continue;
    return report(
        "race: %s of %s %d + %zu by %s at %s, and thread %u of threadgroup %u touches it without a "
        "barrier between",
        verb(write), range->name(), range->index, i, running_thread().c_str(), place(code).c_str(),
        other.thread, other.threadgroup);
  }
}

void Machine::misaligned(uintptr_t address, size_t bytes, const void* code) {
  report("misaligned: access of %zu bytes at an address that is %zu modulo %zu, by %s at %s", bytes,
         static_cast<size_t>(address % bytes), bytes, running_thread().c_str(),
         place(code).c_str());
  stop();
}

}  // namespace emulation
