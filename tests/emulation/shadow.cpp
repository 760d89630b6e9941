#include "shadow.h"

namespace emulation {
namespace {

constexpr uint32_t kSimdgroup = 32;

bool same_simdgroup(const Accessor& a, const Accessor& b) {
  return a.threadgroup == b.threadgroup && a.thread / kSimdgroup == b.thread / kSimdgroup;
}

// Whether `earlier` happened before `later` in every order of threads that the barriers allow.
bool ordered(const Accessor& earlier, const Accessor& later) {
  if (earlier.threadgroup != later.threadgroup) return false;
  if (earlier.thread == later.thread || earlier.barriers != later.barriers) return true;
  return same_simdgroup(earlier, later) && earlier.simdgroup_barriers != later.simdgroup_barriers;
}

}  // namespace

bool ShadowByte::write(const Accessor& next) {
  bool fine = !written || ordered(writer, next);
  const bool same_group = reader.threadgroup == next.threadgroup;
  const bool past_barrier = same_group && reader.barriers != next.barriers;
  switch (readers) {
    case Readers::kNone:
      break;
    case Readers::kThread:
      fine = fine && ordered(reader, next);
      break;
    case Readers::kSimdgroup:
      fine = fine && same_group &&
             (past_barrier || (same_simdgroup(reader, next) &&
                               reader.simdgroup_barriers != next.simdgroup_barriers));
      break;
    case Readers::kThreadgroup:
      fine = fine && past_barrier;
      break;
    case Readers::kGrid:
      fine = false;
      break;
  }
  if (fine) readers = Readers::kNone;
  writer = next;
  written = true;
  return fine;
}

bool ShadowByte::read(const Accessor& next) {
  if (written && !ordered(writer, next)) {
    readers = Readers::kNone;
    return false;
  }
  if (readers == Readers::kNone) {
    reader = next;
    readers = Readers::kThread;
  } else if (reader.threadgroup != next.threadgroup) {
    readers = Readers::kGrid;
  } else if (readers != Readers::kGrid) {
    if (reader.barriers != next.barriers) {
      reader = next;
      readers = Readers::kThread;
    } else if (!same_simdgroup(reader, next)) {
      readers = Readers::kThreadgroup;
    } else if (readers != Readers::kThreadgroup &&
               reader.simdgroup_barriers != next.simdgroup_barriers) {
      reader = next;
      readers = Readers::kThread;
    } else if (readers == Readers::kThread && reader.thread != next.thread) {
      readers = Readers::kSimdgroup;
    }
  }
  return true;
}

}  // namespace emulation
