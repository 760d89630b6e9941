#!/usr/bin/env bash
# Spoiled calls from several seeds, under ASan and UBSan; the seeds are new each day, and printed.
set -euo pipefail
first=$(date +%Y%m%d)
for seed in "$first"{1..4}; do
  build/gcc-asan/tests/core/abi_fuzz 500000 "$seed" tests/vectors/*.vectors
done
