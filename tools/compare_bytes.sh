#!/usr/bin/env bash
# Every compiler's core gives the same bytes for every test vector, also where a bound is all that is promised: gcc's and
# clang's from CMake, and the Swift package's, debug and release. Run after the tests of each.
set -euo pipefail
builds=(gcc clang)
runner=(build/gcc/tests/core/CMakeFiles/vector_runner.dir/*.o)
if command -v swift >/dev/null; then
  for configuration in debug release; do
    # The vector runner, linked with the very objects that SwiftPM made.
    name=swift-$configuration
    mapfile -t objects < <(find ".build/$configuration/CThinbit.build/" -name '*.o')
    mkdir -p "build/$name"
    g++ "${runner[@]}" "${objects[@]}" -o "build/$name/vector_runner" -pthread -ldl
    "build/$name/vector_runner" --threads 2 --digests "build/$name/vector_digests.txt" tests/vectors/*.vectors
    builds+=("$name")
  done
elif [ -n "${CI:-}" ]; then
  echo "swift was not found, and CI is set"
  exit 1
else
  echo "swift was not found: its bytes are not compared"
fi
for build in "${builds[@]:1}"; do
  if ! diff build/gcc/vector_digests.txt "build/$build/vector_digests.txt"; then
    echo "FAILED: the results above differ between gcc (<) and $build (>)"
    exit 1
  fi
done
echo "the same bytes for $(wc -l <build/gcc/vector_digests.txt) calls from: ${builds[*]}"
