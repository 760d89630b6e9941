#!/usr/bin/env bash
# build_cuda.sh [TARGET]...: the core, the CUDA plugin as it ships, and the driver and the compiler that tests/cuda emulates, in
# build/cuda. The kernels are compiled when they are first needed, by clang-19.
set -euo pipefail
cc=$(command -v clang || command -v clang-19) || { echo "no clang was found" >&2; exit 1; }
cxx=$(command -v clang++ || command -v clang++-19)
launcher=()
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # what one clone compiled serves the next
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
fi
mkdir -p build
if ! cmake -S . -B build/cuda -G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" "${launcher[@]}" \
  -DTHINBIT_DEVELOPER=ON -DTHINBIT_BUILD_TESTS=ON -DTHINBIT_CUDA_EMULATION=ON >build/cuda.configure.log 2>&1; then
  cat build/cuda.configure.log
  exit 1
fi
cmake --build build/cuda --target ${*:-all} -- --quiet
