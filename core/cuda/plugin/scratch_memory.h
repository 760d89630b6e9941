#pragma once

#include <cstddef>
#include <map>
#include <set>

#include "cuda/plugin/driver.h"

namespace thinbit::cuda {

// Memory that calls in one stream need besides their operands: what a call gives back, later calls
// take. Kept by its exact size: a model's calls repeat their shapes.
//
// A captured call is repeated whenever its graph is launched: the memory that it took stays, for
// other calls in the stream too, until this object ends. It takes what earlier calls have left, as
// allocating is no part of a graph.
class ScratchMemory {
 public:
  ScratchMemory(const Driver& driver, DriverStream stream) : driver_(driver), stream_(stream) {}
  ScratchMemory(const ScratchMemory&) = delete;
  ScratchMemory& operator=(const ScratchMemory&) = delete;

  // Frees everything, in the stream; with the device's context current.
  void clear();

  // At least so many bytes, at a multiple of 256. Throws std::bad_alloc, or DeviceError where a
  // captured call finds none.
  DeviceAddress take(size_t bytes, bool is_captured);
  void give_back(DeviceAddress address);

 private:
  const Driver& driver_;
  const DriverStream stream_;
  std::map<DeviceAddress, size_t> sizes_;  // of all memory
  std::multimap<size_t, DeviceAddress> free_;
  std::set<DeviceAddress> of_graphs_;
  size_t free_bytes_ = 0;
};

}  // namespace thinbit::cuda
