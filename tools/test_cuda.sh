#!/usr/bin/env bash
# The CUDA backend on the emulation of tests/cuda: every vector and products of many blocks through the plugin, host code and kernels,
# with the checker on. Without a GPU, a driver or a toolkit.
set -euo pipefail
if ! command -v clang-19 >/dev/null; then
  echo "skipped: there is no clang-19, which compiles the kernels"
  [ -z "${CI:-}" ]
  exit
fi
tools/build_emulation.sh cuda vector_runner thinbit_cuda cuda_emulation cuda_emulation_compiler cuda_products_test
export LD_LIBRARY_PATH=$PWD/build/cuda/tests/cuda
export THINBIT_CUDA_LIBRARY=$PWD/build/cuda/libthinbit_cuda.so
# Kernels that were compiled stay until something that compiles them changes.
compiler=$(cat tests/cuda/compiler.cpp tests/cuda/emulated_machine.h $(git ls-files -co --exclude-standard tests/emulation) | sha256sum)
export THINBIT_CUDA_CACHE=$PWD/build/cuda/kernels/${compiler:0:16}
build/cuda/tests/core/vector_runner --backend cuda --threads 1 tests/vectors/*.vectors
build/cuda/tests/core/cuda_products_test
pytest -q tests/cuda
