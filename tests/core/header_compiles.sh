#!/usr/bin/env bash
# header_compiles.sh INCLUDE_DIRECTORY: the public header stands alone in every dialect, with each compiler there is.
# gcc and clang are both required where CI is set.
set -euo pipefail
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/client.c" <<'CODE'
#include <thinbit/thinbit.h>
#include <thinbit/thinbit.h>
thinbit_quantized_addmm_params params = THINBIT_QUANTIZED_ADDMM_PARAMS_INIT;
thinbit_error error = THINBIT_ERROR_INIT;
int main(void) { return thinbit_quantized_addmm(0, &params, &error) == THINBIT_OK; }
CODE
cp "$work/client.c" "$work/client.cpp"
found=0
for family in gcc clang; do
  cc=gcc cxx=g++
  if [ $family = clang ]; then
    cc=$(command -v clang || command -v clang-19 || echo clang)
    cxx=$(command -v clang++ || command -v clang++-19 || echo clang++)
  fi
  if ! command -v $cc >/dev/null || ! command -v $cxx >/dev/null; then
    if [ -n "${CI:-}" ]; then echo "FAILED: $cc is not there"; exit 1; fi
    echo "skipped: $cc is not there"
    continue
  fi
  for dialect in c99 c17 c++11 c++20; do
    case $dialect in c++*) compiler=$cxx source=client.cpp ;; *) compiler=$cc source=client.c ;; esac
    $compiler -std=$dialect -Wall -Wextra -pedantic -Werror -I"$include" -c "$work/$source" -o "$work/client.o"
    echo "passed: $cc as $dialect"
    found=$((found + 1))
  done
done
[ "$found" -gt 0 ]
