#!/usr/bin/env bash
# build_core.sh NAME [CMAKE OPTION]...: builds the core and its tests in build/NAME, warnings being errors. NAME says the
# compiler: gcc, clang, one of these with a suffix (gcc-tsan), or aarch64 for gcc's cross compiler, whose programs qemu
# runs. Builds again only what changed.
set -euo pipefail
name=$1
shift
system=()
case $name in
  gcc*) cc=gcc cxx=g++ ;;
  clang*)
    cc=$(command -v clang || command -v clang-19) || { echo "no clang was found" >&2; exit 1; }
    cxx=$(command -v clang++ || command -v clang++-19)
    ;;
  aarch64)
    cc=aarch64-linux-gnu-gcc cxx=aarch64-linux-gnu-g++
    system=(-DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64
      "-DCMAKE_CROSSCOMPILING_EMULATOR=qemu-aarch64;-L;/usr/aarch64-linux-gnu")
    ;;
  *) echo "build_core.sh: $name begins with no compiler" >&2; exit 2 ;;
esac
source tools/ccache.sh
mkdir -p build
if ! cmake -S . -B "build/$name" -G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx" "${system[@]}" \
  -DTHINBIT_DEVELOPER=ON -DTHINBIT_BUILD_TESTS=ON "$@" >"build/$name.configure.log" 2>&1; then
  cat "build/$name.configure.log"
  exit 1
fi
cmake --build "build/$name" -- --quiet
