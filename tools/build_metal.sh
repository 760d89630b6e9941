#!/usr/bin/env bash
# build_metal.sh [TARGET]...: the core with the Metal backend on the emulation of tests/metal, in build/metal. The host's
# Objective-C++ takes any clang; the kernels are translated when they are first needed, by clang-19.
set -euo pipefail
cc=$(command -v clang || command -v clang-19) || { echo "no clang was found" >&2; exit 1; }
cxx=$(command -v clang++ || command -v clang++-19)
launcher=()
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # what one clone compiled serves the next
  launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    -DCMAKE_OBJCXX_COMPILER_LAUNCHER=ccache)
fi
mkdir -p build
if ! cmake -S . -B build/metal -G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" \
  -DCMAKE_OBJCXX_COMPILER="$cxx" "${launcher[@]}" -DTHINBIT_DEVELOPER=ON -DTHINBIT_BUILD_TESTS=ON \
  -DTHINBIT_METAL_EMULATION=ON >build/metal.configure.log 2>&1; then
  cat build/metal.configure.log
  exit 1
fi
cmake --build build/metal --target ${*:-all} -- --quiet
