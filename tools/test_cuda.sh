#!/usr/bin/env bash
# test_cuda.sh [FILE]...: the CUDA backend on the emulation of tests/cuda: products of many blocks, then the given files of vectors, all where none is given,
# through host code and kernels with every access checked.
set -euo pipefail
if ! command -v clang-19 >/dev/null; then
  echo "skipped: there is no clang-19, which compiles the kernels"
  [ -z "${CI:-}" ]
  exit
fi
[ $# -gt 0 ] || set -- tests/vectors/*.vectors
tools/build_cuda.sh thinbit_cuda vector_runner cuda_products_test
# The driver and the run-time compiler, opened by their names. Kernels that were compiled stay, by their text.
export LD_LIBRARY_PATH=$PWD/build/cuda/tests/cuda THINBIT_CUDA_CACHE=$PWD/build/cuda/kernels
build/cuda/tests/cuda/cuda_products_test
build/cuda/tests/core/vector_runner --backend cuda --threads 1 "$@"
