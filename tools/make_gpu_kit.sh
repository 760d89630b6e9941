#!/usr/bin/env bash
# make_gpu_kit.sh: what gpu-check's Python needs on a machine without a network, in build/gpu_kit: the wheel with the compiled kernels, and
# cffi, which it imports. For Python 3.12 on x86-64 (THINBIT_GPU_PYTHON names another version).
set -euo pipefail
rm -rf build/gpu_kit
mkdir -p build/gpu_kit
cp dist/*.whl build/gpu_kit/
pip download --quiet --no-deps --only-binary=:all: --python-version "${THINBIT_GPU_PYTHON:-3.12}" --implementation cp \
  --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 --dest build/gpu_kit \
  "$(grep '^cffi==' requirements-dev.txt)"
ls -sh build/gpu_kit
