#!/usr/bin/env bash
# fuzz_at_length.sh [SEED]...: spoiled calls from each seed, under ASan and UBSan; the same few seeds where none is given.
set -euo pipefail
[ $# -gt 0 ] || set -- 1 2 3 4
for seed in "$@"; do
  build/gcc-asan/tests/core/abi_fuzz 500000 "$seed" tests/vectors/*.vectors
done
