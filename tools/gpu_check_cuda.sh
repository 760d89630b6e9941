#!/usr/bin/env bash
# gpu_check_cuda.sh: builds the core and the CUDA plugin, runs the vectors, large products and random shapes on device 0, a part of
# them under compute-sanitizer where that is installed, and writes a table of times into build/gpu_check/times.md.
# Needs g++, cmake, a driver, and a python3 (THINBIT_PYTHON names another) that has torch; no network, and nothing of .venv. What
# Python needs besides lies in build/gpu_kit, which `make gpu-kit` makes where there is a network.
set -uo pipefail
python=${THINBIT_PYTHON:-python3}
site=$PWD/build/gpu_check/site
build=build/gpu_check/core
status=0

step() {
  printf '\n== %s\n' "$1"
  shift
  local start=$SECONDS
  "$@" || { echo "== FAILED with status $?" >&2; status=1; }
  echo "== $((SECONDS - start)) s"
}
fail() { echo "gpu-check: $1" >&2; exit 1; }

build() {
  cmake -S . -B $build -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ -DTHINBIT_BUILD_TESTS=ON >build/gpu_check/configure.log &&
    cmake --build $build --parallel --target vector_runner cuda_products_test thinbit_cuda
}
sanitize() {
  "$sanitizer" --tool "$1" --error-exitcode 9 $build/tests/core/vector_runner --backend cuda --threads 1 --every 40 \
    tests/vectors/*.vectors | tee build/gpu_check/$1.log
  local ended=${PIPESTATUS[0]}
  grep -q 'Device not supported' build/gpu_check/$1.log || return "$ended"
  echo "skipped: compute-sanitizer says that it does not support this device"
}

ls build/gpu_kit/*.whl >/dev/null 2>&1 || fail "build/gpu_kit is not there; \`make gpu-kit\` makes it where there is a network"
"$python" -c 'import torch' || fail "$python has no torch; THINBIT_PYTHON can name one that has"
rm -rf build/gpu_check/site
mkdir -p build/gpu_check
"$python" -m pip install --quiet --no-index --no-deps --target "$site" build/gpu_kit/*.whl || fail "the kit does not install"

# The run-time compiler, for kernels that the kit's cubins are not of: torch's, else the toolkit's.
libraries=$("$python" -c 'import nvidia, pathlib; print(":".join(str(p / "cu13/lib") for p in map(pathlib.Path, nvidia.__path__)))' || true)
export LD_LIBRARY_PATH=$libraries:/usr/local/cuda/lib64:${LD_LIBRARY_PATH:-}
sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null || true)

step "Build by $(g++ --version | head -1)" build
[ $status -eq 0 ] || exit 1
cp "$site/thinbit/lib/thinbit_cuda.cubins" $build/
step "Vectors" $build/tests/core/vector_runner --backend cuda --threads 1 tests/vectors/*.vectors
step "Products of many blocks" $build/tests/core/cuda_products_test
for family in decode prefill hopper; do
  step "Products of many blocks, by $family" env THINBIT_CUDA_PRODUCT=$family $build/tests/core/cuda_products_test
done
if [ -n "$sanitizer" ]; then
  for tool in memcheck racecheck; do step "A part of the vectors under $tool" sanitize $tool; done
else
  echo "skipped: there is no compute-sanitizer"
fi
step "Values and times by torch" env PYTHONPATH="$site" "$python" -m tools.cuda_check build/gpu_check/times.md
exit $status
