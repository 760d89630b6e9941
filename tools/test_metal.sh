#!/usr/bin/env bash
# The Metal backend on the emulation of tests/metal: the seeded bugs are found; then long sums and every vector run through host code and
# kernels with the checker on, twice: with another order of threads, and with denormals flushed.
set -euo pipefail
if ! command -v clang-19 >/dev/null; then
  echo "skipped: there is no clang-19, which compiles the kernels"
  [ -z "${CI:-}" ]
  exit
fi
tools/build_emulation.sh metal vector_runner long_sums run_kernel host_bugs metal_faults_test metal_shapes_test
# Kernels that were compiled stay until something that compiles them changes.
compiler=$(cat $(git ls-files -co --exclude-standard tests/metal/shim tests/metal/translator tests/emulation) | sha256sum)
export METAL_EMULATION_CACHE=$PWD/build/metal/kernels/${compiler:0:16}
pytest -q tests/metal
run() {
  echo "-- vectors, seed $METAL_EMULATION_SEED, denormals $1"
  build/metal/tests/core/vector_runner --backend metal --threads 1 tests/vectors/*.vectors
}
build/metal/tests/core/long_sums metal
build/metal/tests/metal/metal_faults_test
build/metal/tests/metal/metal_shapes_test
METAL_EMULATION_SEED=1 run kept
METAL_EMULATION_SEED=2 METAL_EMULATION_FLUSH=1 run flushed
