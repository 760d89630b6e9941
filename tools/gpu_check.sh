#!/usr/bin/env bash
# gpu_check.sh: verifies the backend of this machine's GPU against every vector, then prints decode and prefill times, beside
# MLX's where it is installed. Today that is Metal; nothing of it runs elsewhere.
set -euo pipefail
if [ "$(uname)" != Darwin ]; then
  echo "gpu-check runs on a Mac: elsewhere \`make test-metal\` runs the Metal backend on its emulation" >&2
  exit 1
fi
mkdir -p build
cmake -S . -B build/mac -DTHINBIT_BUILD_TESTS=ON >build/mac.configure.log
cmake --build build/mac --parallel --target vector_runner
build/mac/tests/core/vector_runner --backend metal --threads 1 tests/vectors/*.vectors
python tools/gpu_times.py --device metal
