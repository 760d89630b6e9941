#!/usr/bin/env bash
# build_emulation.sh cuda|metal [TARGET]...: the core with the backend on its emulation in tests/, in build/cuda or build/metal, by
# any clang. The kernels are compiled when they are first needed, by clang-19.
set -euo pipefail
backend=$1
shift
cc=$(command -v clang || command -v clang-19) || { echo "no clang was found" >&2; exit 1; }
cxx=$(command -v clang++ || command -v clang++-19)
options=(-DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_OBJCXX_COMPILER="$cxx")
source tools/ccache.sh
mkdir -p build
if ! cmake -S . -B "build/$backend" -G Ninja "${options[@]}" -DTHINBIT_DEVELOPER=ON -DTHINBIT_BUILD_TESTS=ON \
  "-DTHINBIT_${backend^^}_EMULATION=ON" >"build/$backend.configure.log" 2>&1; then
  cat "build/$backend.configure.log"
  exit 1
fi
cmake --build "build/$backend" --target ${*:-all} -- --quiet
