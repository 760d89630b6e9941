#!/usr/bin/env bash
# gpu_check_metal.sh: verifies the Metal backend against every vector, then prints decode and prefill times, beside MLX's where
# it is installed.
set -euo pipefail
mkdir -p build
cmake -S . -B build/mac -DTHINBIT_BUILD_TESTS=ON >build/mac.configure.log
cmake --build build/mac --parallel --target vector_runner
build/mac/tests/core/vector_runner --backend metal --threads 1 tests/vectors/*.vectors
python tools/gpu_times.py --device metal
