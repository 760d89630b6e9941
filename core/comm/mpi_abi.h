#pragma once

#include <cstdint>

namespace thinbit {

// What the engine uses of the standard ABI of MPI 5.0 (its chapter 20 and appendix A): handles have
// the size of a pointer, and those of predefined objects are small fixed numbers.
using MpiHandle = void*;
using MpiCount = int64_t;

inline MpiHandle mpi_handle(uintptr_t value) { return reinterpret_cast<MpiHandle>(value); }

constexpr uintptr_t kMpiSum = 0x21;
constexpr uintptr_t kMpiCommNull = 0x100;
constexpr uintptr_t kMpiCommWorld = 0x101;
constexpr uintptr_t kMpiErrorsReturn = 0x143;
constexpr uintptr_t kMpiFloat = 0x210;
constexpr uintptr_t kMpiByte = 0x247;
constexpr uintptr_t kMpiInPlace = 1;

constexpr int kMpiSuccess = 0;
constexpr int kMpiThreadSerialized = 2048;
constexpr int kMpiMaxErrorString = 512;

// The functions of an MPI library, by the standard's prototypes; allreduce and allgather are the
// variants with large counts, so that no tensor is too long.
struct MpiFunctions {
  int (*initialized)(int* flag);
  int (*finalized)(int* flag);
  int (*init_thread)(int* argc, char*** argv, int required, int* provided);
  int (*query_thread)(int* provided);
  int (*finalize)();
  int (*comm_dup)(MpiHandle comm, MpiHandle* copy);
  int (*comm_free)(MpiHandle* comm);
  int (*comm_rank)(MpiHandle comm, int* rank);
  int (*comm_size)(MpiHandle comm, int* size);
  int (*comm_set_errhandler)(MpiHandle comm, MpiHandle handler);
  int (*allreduce)(const void* from, void* to, MpiCount count, MpiHandle type, MpiHandle op,
                   MpiHandle comm);
  int (*allgather)(const void* from, MpiCount from_count, MpiHandle from_type, void* to,
                   MpiCount to_count, MpiHandle to_type, MpiHandle comm);
  int (*barrier)(MpiHandle comm);
  int (*error_string)(int code, char* text, int* length);
};

}  // namespace thinbit
