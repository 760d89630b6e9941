#pragma once

#include <cstring>
#include <initializer_list>
#include <string>

#include "generated/tables.gen.h"
#include "runtime/axes.h"
#include "thinbit/thinbit.h"

namespace thinbit {

class Context;

// An operand by name, for checks that look at several.
struct NamedView {
  const char* name;
  const TensorView* view;
};

// One axis of an output; a missing one is left out of the shape.
struct OutputAxis {
  int64_t size;
  bool present = true;
};

// Checks the arguments of one call. Each check returns whether the call may go on; the first that
// does not fills the caller's error.
class Checker {
 public:
  enum class Phase : uint8_t {
    kInfer,     // shapes and dtypes of the inputs; no context
    kSupports,  // and their device
    kRun,       // and the outputs, and values in memory that the host can read
  };

  Checker(const char* op, Phase phase, const Context* context, thinbit_error* error)
      : op_(op), phase_(phase), context_(context), error_(error) {}

  thinbit_status status() const { return status_; }
  bool runs() const { return phase_ == Phase::kRun; }

  // Cold, so that compilers put the making of messages out of the way of calls that are right.
  [[gnu::cold]] bool fail(const char* argument, const char* kind, const std::string& message,
                          thinbit_status status = THINBIT_INVALID_ARGUMENT);

  // Copies a caller's struct of any version: a shorter one is filled up with zeros, an unknown tail
  // has to be zero.
  template <class Struct>
  bool read(const char* argument, const Struct* given, Struct& copy) {
    std::memset(&copy, 0, sizeof(Struct));
    return read_bytes(argument, given, &copy, sizeof(Struct));
  }

  // The struct_size of a struct of `size` bytes in this version.
  bool struct_size(const char* argument, uint64_t given, uint64_t size);

  // Settings.
  bool reserved(const char* argument, int32_t given);
  bool boolean(const char* argument, int32_t given, bool& value);
  bool finite(const char* argument, float given, float& value);
  bool mode(const char* argument, int32_t given, Mode otherwise, ModeSet allowed, Mode& value);
  bool choice(const char* argument, int32_t given, int32_t otherwise, const Choices& allowed,
              const ModeInfo& mode, int32_t& value);
  bool dtype(const char* argument, int32_t given, DType otherwise, DTypeSet allowed, DType& value);
  bool no_handle(const char* argument, const void* given);

  // Presence.
  bool required(const char* argument, const void* given);
  bool required_by_mode(const char* argument, const void* given, const ModeInfo& mode, bool has);
  bool allowed_by_mode(const char* argument, const void* given, const ModeInfo& mode, bool has);
  bool paired(const char* argument, bool given, const char* other, bool other_given);

  // One tensor: its struct, its device and its dtype. A null pointer leaves the view absent.
  bool tensor(const char* argument, const thinbit_tensor* given, DTypeSet allowed,
              TensorView& view);
  bool scales(const char* argument, const thinbit_tensor* given, const ModeInfo& mode,
              TensorView& view);
  bool same_dtype(const char* argument, const thinbit_tensor* given, const char* other,
                  const TensorView& like, TensorView& view);

  // Shapes. Axes are counted from the end, 1 being the last.
  bool rank(const char* argument, const TensorView& view, int least);
  bool size(const char* argument, const TensorView& view, int from_end, int64_t expected,
            const char* formula);
  bool batch(const char* argument, const TensorView& view, int trailing, const Axes& expected);
  bool whole(const char* argument, const TensorView& view, int from_end, int64_t solution,
             const char* formula);
  bool multiple(const char* argument, int64_t size, int32_t group_size, const ModeInfo& mode);
  bool scalar(const char* argument, const TensorView& view);
  bool scalar_or_each(const char* argument, const TensorView& view, const Axes* each);
  bool broadcast(const char* argument, const Axes& a, const Axes& b, Axes& result);
  bool broadcastable(const char* argument, const TensorView& view, const thinbit_tensor_info& to);

  // Values; true without looking in the phases before kRun, and for memory that only the device can
  // read.
  bool positive_scale(const char* argument, const TensorView& view);
  bool indices(const char* argument, const TensorView& view, int64_t count, bool sorted);

  // Outputs.
  bool output(thinbit_tensor_info& info, const char* argument, DType dtype, const Axes& batch,
              std::initializer_list<OutputAxis> axes);
  bool bind(const char* argument, const thinbit_tensor* given, const thinbit_tensor_info& info,
            TensorView& view);
  bool separate(const char* argument, const TensorView& view,
                std::initializer_list<NamedView> others);

 private:
  bool read_bytes(const char* argument, const void* given, void* copy, uint64_t size);
  bool layout(const char* argument, const thinbit_tensor& given, TensorView& view);
  bool on_device(const char* argument, const thinbit_tensor& given);
  bool reads_values() const;

  const char* op_;
  Phase phase_;
  const Context* context_;
  thinbit_error* error_;
  thinbit_status status_ = THINBIT_OK;
};

}  // namespace thinbit
