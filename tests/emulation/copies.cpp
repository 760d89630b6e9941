// Asynchronous copies, which land as late as they may: what reads their target before a wait finds
// what was there before.

#include <cstring>

#include "machine.h"

namespace emulation {

void Machine::copy_async(const Copy& copy, const void* code) {
  if (copy.to % copy.size != 0) return misaligned(copy.to, copy.size, code);
  if (copy.given > 0 && copy.from % copy.size != 0) return misaligned(copy.from, copy.size, code);
  if (copy.given > 0) touch(copy.from, copy.given, Access::kRead, code);
  Copy issued = copy;
  issued.group = running_->copy_group;
  running_->copies.push_back(issued);
}

void Machine::commit_copies() { ++running_->copy_group; }

void Machine::wait_for_copies(uint32_t left, const void* code) {
  Thread& me = *running_;
  const uint32_t landed = me.copy_group > left ? me.copy_group - left : 0;
  size_t kept = 0;
  for (const Copy& copy : me.copies) {
    if (copy.group >= landed) {
      me.copies[kept++] = copy;
      continue;
    }
    touch(copy.to, copy.size, Access::kWrite, code);
    auto* to = reinterpret_cast<std::byte*>(copy.to);
    std::memcpy(to, reinterpret_cast<const std::byte*>(copy.from), copy.given);
    std::memset(to + copy.given, 0, copy.size - copy.given);
  }
  me.copies.resize(kept);
}

void Machine::expect_no_copies() {
  if (running_->copies.empty()) return;
  report("copies: %s returns while %zu of its asynchronous copies are on their way",
         running_thread().c_str(), running_->copies.size());
}

}  // namespace emulation
