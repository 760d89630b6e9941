// What a group of MPI promises, as one rank of it: mpiexec -n N comm_group. Without a launcher the
// group is one process.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "expect.h"

namespace {

thinbit_error error = THINBIT_ERROR_INIT;
thinbit_comm* comm = nullptr;

constexpr uint8_t kFloat = 2;
constexpr uint8_t kBfloat = 4;

void sums_are_those_of_all_ranks() {
  const int size = thinbit_comm_size(comm);
  const int rank = thinbit_comm_rank(comm);
  for (const int64_t count : {int64_t{0}, int64_t{1}, int64_t{7}, int64_t{30000}}) {
    std::vector<float> x(count);
    std::vector<float> sum(count, -1);
    for (int64_t i = 0; i < count; ++i) x[i] = static_cast<float>((rank + 1) * (i % 100));
    int64_t shape[] = {count};
    thinbit_tensor from = float32_tensor(x.data(), 1, shape);
    thinbit_tensor to = float32_tensor(sum.data(), 1, shape);
    EXPECT(thinbit_comm_all_sum(comm, &from, &to, &error) == THINBIT_OK);
    EXPECT(thinbit_comm_all_sum(comm, &from, &from, &error) == THINBIT_OK);
    const int weight = size * (size + 1) / 2;
    bool all_right = true;
    for (int64_t i = 0; i < count; ++i) {
      all_right &= sum[i] == static_cast<float>(weight * (i % 100)) && x[i] == sum[i];
    }
    EXPECT(all_right);
  }
}

// 1 on rank 0 and a quarter of the step after 1 on the others: sums that are rounded at every step
// stay at 1, where three quarters round to a step.
void halves_are_added_as_floats_and_rounded_once() {
  const int size = thinbit_comm_size(comm);
  const bool first = thinbit_comm_rank(comm) == 0;
  constexpr int64_t kCount = (int64_t{1} << 16) + 3;  // more than one part
  // Codes of 1 and of a quarter of the step after 1; four quarters make a step.
  struct Case {
    uint8_t code;
    uint16_t one;
    uint16_t quarter;
  };
  for (const Case& c : {Case{kFloat, 0x3C00, 0x0C00}, Case{kBfloat, 0x3F80, 0x3B00}}) {
    std::vector<uint16_t> x(kCount, first ? c.one : c.quarter);
    int64_t shape[] = {kCount};
    thinbit_tensor tensor = tensor_of(x.data(), c.code, 16, 1, shape);
    EXPECT(thinbit_comm_all_sum(comm, &tensor, &tensor, &error) == THINBIT_OK);
    // Of 2, 3 and 4 ranks: 1 + 1/4, 2/4 (a tie, to even) and 3/4 of a step.
    const uint16_t expected = static_cast<uint16_t>(c.one + (size == 4 ? 1 : 0));
    EXPECT(x.front() == expected);
    EXPECT(x.back() == expected);
  }
}

void gathered_parts_lie_in_the_order_of_ranks() {
  const int size = thinbit_comm_size(comm);
  const auto rank = static_cast<uint8_t>(thinbit_comm_rank(comm));
  uint8_t part[6] = {rank, 1, 2, 3, 4, rank};
  std::vector<uint8_t> all(6 * size, 255);
  int64_t shape[] = {2, 3};
  int64_t all_shape[] = {2 * size, 3};
  const thinbit_tensor from = uint8_tensor(part, 2, shape);
  thinbit_tensor to = uint8_tensor(all.data(), 2, all_shape);
  EXPECT(thinbit_comm_all_gather(comm, &from, &to, &error) == THINBIT_OK);
  for (int r = 0; r < size; ++r) {
    EXPECT(all[6 * r] == r);
    EXPECT(all[6 * r + 3] == 3);
    EXPECT(all[6 * r + 5] == r);
  }
}

void a_second_group_of_the_process_is_another() {
  thinbit_comm* other = nullptr;
  EXPECT(thinbit_comm_init(nullptr, &other, &error) == THINBIT_OK);
  EXPECT(thinbit_comm_size(other) == thinbit_comm_size(comm));
  EXPECT(thinbit_comm_barrier(other, &error) == THINBIT_OK);
  thinbit_comm_free(other);
  EXPECT(thinbit_comm_barrier(comm, &error) == THINBIT_OK);
}

void calls_that_cannot_be_right_are_refused() {
  float values[6] = {};
  int64_t shape[] = {2, 3};
  int64_t other[] = {3, 2};
  int64_t strides[] = {1, 2};
  thinbit_tensor x = float32_tensor(values, 2, shape);
  thinbit_tensor out = float32_tensor(values, 2, other);
  EXPECT(thinbit_comm_all_sum(nullptr, &x, &x, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_all_sum.comm.required");
  EXPECT(thinbit_comm_all_sum(comm, &x, nullptr, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_all_sum.out.required");
  EXPECT(thinbit_comm_all_sum(comm, &x, &out, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.message, "comm_all_sum: out has the shape (3, 2), and must have (2, 3)");
  EXPECT(thinbit_comm_all_gather(comm, &x, &x, &error) == THINBIT_INVALID_ARGUMENT);
  x.strides = strides;
  EXPECT(thinbit_comm_all_sum(comm, &x, &x, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_all_sum.x.layout");
  x.strides = nullptr;
  x.device.device_type = 2;
  EXPECT(thinbit_comm_all_sum(comm, &x, &x, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_all_sum.x.device");
  uint8_t bytes[6] = {};
  const thinbit_tensor integers = uint8_tensor(bytes, 2, shape);
  EXPECT(thinbit_comm_all_sum(comm, &integers, &x, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_all_sum.x.dtype");
  EXPECT(thinbit_comm_barrier(nullptr, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_barrier.comm.required");
  EXPECT(thinbit_comm_init(nullptr, nullptr, &error) == THINBIT_INVALID_ARGUMENT);
  EXPECT_TEXT(error.rule, "comm_init.comm.required");
}

// The group of a launcher ends MPI when it is freed; then there can be no other.
void no_group_begins_after_the_last_ended(bool launched) {
  thinbit_comm_free(comm);
  EXPECT((thinbit_comm_init(nullptr, &comm, &error) == THINBIT_OK) == !launched);
  if (launched) EXPECT(strstr(error.message, "MPI has ended in this process") != nullptr);
  if (!launched) thinbit_comm_free(comm);
}

// One rank's end, while nothing frees the group.
int end_of_a_rank(const std::string& how) {
  const bool first = thinbit_comm_rank(comm) == 0;
  if (how == "leaves") {
    if (!first) std::this_thread::sleep_for(std::chrono::milliseconds(500));
    printf("rank %d is done\n", thinbit_comm_rank(comm));
    return 0;
  }
  if (first && how == "killed") raise(SIGKILL);
  if (first) return 3;
  return thinbit_comm_barrier(comm, &error) == THINBIT_OK ? 0 : 1;
}

}  // namespace

// comm_group SIZE: the size that the group has to have; without SIZE: alone, without a launcher.
// comm_group killed, comm_group fails: rank 0 is killed, or exits with 3, and the others wait for
// it. comm_group leaves: every rank exits with 0 and frees nothing, rank 0 before the others are
// there.
int main(int argc, char** argv) {
  const std::string given = argc > 1 ? argv[1] : "";
  const bool ends = given == "killed" || given == "fails" || given == "leaves";
  const int expected = ends || given.empty() ? 0 : std::stoi(given);
  if (thinbit_comm_init(nullptr, &comm, &error) != THINBIT_OK) {
    printf("%s: %s\n", error.rule, error.message);
    return 2;
  }
  if (ends) return end_of_a_rank(given);
  EXPECT(thinbit_comm_size(comm) == (expected > 0 ? expected : 1));
  RUN(sums_are_those_of_all_ranks);
  RUN(halves_are_added_as_floats_and_rounded_once);
  RUN(gathered_parts_lie_in_the_order_of_ranks);
  RUN(a_second_group_of_the_process_is_another);
  RUN(calls_that_cannot_be_right_are_refused);
  no_group_begins_after_the_last_ended(expected > 0);
  return REPORT();
}
