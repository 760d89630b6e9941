// Spoils the calls of the shared vectors, at random, and makes them: every op has to come back with
// a status that it explains, and the sanitizers have to stay quiet. The memory that a tensor claims
// is always there, as a C caller has to promise; what the core may not believe is everything else.
//
//     abi_fuzz ROUNDS SEED FILE.vectors...

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "vector_case.h"
#include "vector_file.h"

namespace {

using thinbit_test::OwnedTensor;
using thinbit_test::VectorCase;
using thinbit_test::VectorResult;

constexpr int64_t kSizes[] = {0, 1, 2, 3, 5, 16, 31, 32, 64, 96, 128, -1};
constexpr int64_t kAbsurd[] = {INT64_MIN, INT64_MAX, int64_t{1} << 62, int64_t{1} << 49, -7};
constexpr int64_t kStrides[] = {0, 1, 2, 3, -1, -2, 7, 64};
constexpr int64_t kSettings[] = {0, 1, 2, 3, 4, 5, 7, 8, 16, 32, 64, 128, -1, INT32_MAX, INT32_MIN};
constexpr double kNumbers[] = {0.0, -1.5, 1e30, -1e-40, HUGE_VAL, NAN};
const char* const kNames[] = {"affine", "mxfp4",    "mxfp8", "nvfp4",       "float16",
                              "uint8",  "bfloat16", "",      "no such name"};
constexpr int64_t kMostBytes = 1 << 20;

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  size_t below(size_t count) { return static_cast<size_t>(engine_() % count); }
  bool one_in(size_t count) { return below(count) == 0; }
  template <class T, size_t N>
  const T& pick(const T (&values)[N]) {
    return values[below(N)];
  }
  unsigned char byte() { return static_cast<unsigned char>(engine_()); }

 private:
  std::mt19937_64 engine_;
};

std::vector<int64_t> strides_of(const OwnedTensor& tensor) {
  if (tensor.has_strides) return tensor.strides;
  std::vector<int64_t> strides(tensor.shape.size());
  int64_t step = 1;
  for (size_t axis = strides.size(); axis-- > 0;) {
    strides[axis] = step;
    if (tensor.shape[axis] > 0) step *= tensor.shape[axis] < kMostBytes ? tensor.shape[axis] : 1;
  }
  return strides;
}

// Makes room for every element that shape and strides reach. A tensor that could not have such
// memory keeps its few bytes: the core has to refuse its sizes without looking.
void provide_memory(OwnedTensor& tensor, Dice& dice) {
  const std::vector<int64_t> strides = strides_of(tensor);
  double low = 0;
  double high = 0;
  bool empty = false;
  bool absurd = false;
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    const int64_t size = tensor.shape[axis];
    empty = empty || size == 0;
    absurd = absurd || size < 0;
    const double reach = (static_cast<double>(size) - 1) * static_cast<double>(strides[axis]);
    (reach < 0 ? low : high) += reach;
  }
  if (empty || absurd || high - low > static_cast<double>(kMostBytes)) return;
  const auto width = static_cast<uint64_t>(8);
  const auto before = static_cast<uint64_t>(-low) * width;
  if (tensor.byte_offset < before) tensor.byte_offset = before;
  const uint64_t needed = tensor.byte_offset + (static_cast<uint64_t>(high) + 1) * width;
  while (tensor.bytes.size() < needed) tensor.bytes.push_back(dice.byte());
}

// Whether the core can tell from shape and strides alone that no memory holds the tensor.
bool refusable(const OwnedTensor& tensor) {
  const std::vector<int64_t> strides = strides_of(tensor);
  double elements = 1;
  double reach = 0;
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    const auto size = static_cast<double>(tensor.shape[axis]);
    if (size <= 0) return true;
    elements *= size;
    const double distance = (size - 1) * static_cast<double>(strides[axis]);
    reach += distance < 0 ? -distance : distance;
  }
  return reach <= static_cast<double>(kMostBytes) || elements > 1e15 || reach > 1e18;
}

void spoil_tensor(OwnedTensor& tensor, Dice& dice) {
  const OwnedTensor before = tensor;
  const size_t rank = tensor.shape.size();
  switch (dice.below(8)) {
    case 0:
      if (rank > 0) tensor.shape[dice.below(rank)] = dice.pick(kSizes);
      break;
    case 1:
      if (rank > 0) tensor.shape[dice.below(rank)] = dice.pick(kAbsurd);
      break;
    case 2:
      tensor.strides = strides_of(tensor);
      tensor.has_strides = true;
      if (rank > 0)
        tensor.strides[dice.below(rank)] =
            dice.one_in(8) ? dice.pick(kAbsurd) : dice.pick(kStrides);
      break;
    case 3:
      tensor.strides = strides_of(tensor);
      tensor.shape.insert(tensor.shape.begin(), dice.pick(kSizes));
      tensor.strides.insert(tensor.strides.begin(), dice.pick(kStrides));
      tensor.has_strides = true;
      break;
    case 4:
      if (rank > 0) tensor.shape.erase(tensor.shape.begin());
      if (rank > 0 && tensor.has_strides) tensor.strides.erase(tensor.strides.begin());
      break;
    case 5:
      tensor.dtype = static_cast<thinbit_dtype>(dice.below(9));
      break;
    case 6:
      tensor.byte_offset += dice.below(9);
      break;
    default:
      for (unsigned char& byte : tensor.bytes) {
        if (dice.one_in(4)) byte = dice.byte();
      }
  }
  provide_memory(tensor, dice);
  if (!refusable(tensor)) tensor = before;
}

template <class Map>
typename Map::iterator any_of(Map& map, Dice& dice) {
  auto place = map.begin();
  std::advance(place, static_cast<std::ptrdiff_t>(dice.below(map.size())));
  return place;
}

void spoil(VectorCase& spoiled, const std::vector<VectorCase>& all, Dice& dice) {
  static const char* const kFlags[] = {"transpose", "sorted_indices", "group_size", "bits"};
  switch (dice.below(8)) {
    case 0:
      if (!spoiled.tensors.empty()) spoiled.tensors.erase(any_of(spoiled.tensors, dice));
      break;
    case 1:
      spoiled.integers[dice.pick(kFlags)] = dice.pick(kSettings);
      break;
    case 2:
      spoiled.names[dice.one_in(2) ? "mode" : "dtype"] = dice.pick(kNames);
      break;
    case 3:
      spoiled.numbers[dice.one_in(2) ? "alpha" : "beta"] = dice.pick(kNumbers);
      break;
    case 4: {
      VectorCase other = all[dice.below(all.size())];
      if (!other.tensors.empty()) {
        const auto taken = any_of(other.tensors, dice);
        spoiled.tensors[taken->first] = taken->second;
      }
      break;
    }
    default:
      if (!spoiled.tensors.empty()) spoil_tensor(any_of(spoiled.tensors, dice)->second, dice);
  }
}

// Whether the result is one that a caller can work with; prints it when not.
bool sound(const VectorCase& made, thinbit_status status, const thinbit_error& error) {
  const bool known = status >= THINBIT_OK && status <= THINBIT_OUT_OF_MEMORY;
  const bool explained = status == THINBIT_OK || (error.status == status && error.rule[0] != '\0' &&
                                                  error.message[0] != '\0');
  if (known && explained) return true;
  std::fprintf(stderr, "%s: status %d, rule '%s', message '%s'\n", made.name.c_str(), status,
               error.rule, error.message);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const long rounds = std::atol(argv[1]);
  Dice dice(std::strtoull(argv[2], nullptr, 10));
  std::vector<VectorCase> all;
  for (int i = 3; i < argc; ++i) {
    for (VectorCase& read : thinbit_test::read_vectors(argv[i])) all.push_back(std::move(read));
  }
  thinbit_context* context = nullptr;
  if (all.empty() || thinbit_context_create(nullptr, &context, nullptr) != THINBIT_OK) return 2;
  long legal = 0;
  bool all_sound = true;
  for (long i = 0; i < rounds && all_sound; ++i) {
    VectorCase made = all[dice.below(all.size())];
    for (size_t spoils = 1 + dice.below(3); spoils > 0; --spoils) spoil(made, all, dice);
    VectorResult result;
    result.strided_outputs = dice.one_in(2);
    thinbit_test::run_vector_call(made, context, result);
    all_sound = sound(made, result.status, result.error) &&
                sound(made, result.infer_status, result.infer_error);
    legal += result.status == THINBIT_OK ? 1 : 0;
  }
  thinbit_context_destroy(context);
  std::printf("%ld spoiled calls, %ld of them still legal, seed %s\n", rounds, legal, argv[2]);
  return all_sound && legal > rounds / 50 && legal < rounds ? 0 : 1;
}
