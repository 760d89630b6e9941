#!/usr/bin/env bash
# compare_vector_digests.sh BUILD...: builds by different compilers gave the same bytes for every test vector.
set -euo pipefail
first=$1
shift
for other in "$@"; do
  if ! diff "build/$first/vector_digests.txt" "build/$other/vector_digests.txt"; then
    echo "FAILED: the bytes above differ between $first (<) and $other (>)"
    exit 1
  fi
done
echo "$(wc -l <"build/$first/vector_digests.txt") results are the same bytes in: $first $*"
