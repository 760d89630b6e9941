#!/usr/bin/env bash
# Makes the wheel in dist/, with the cubins of `make cubins`. A wheel is a zip file: they are compressed in it.
set -euo pipefail
source tools/ccache.sh
rm -rf dist
pip wheel --quiet --no-deps --no-build-isolation --config-settings=build-dir=build/wheel \
  --config-settings=cmake.define.THINBIT_CUBINS="$PWD/build/cubins/thinbit_cuda.cubins" --wheel-dir dist .
unzip -v dist/*.whl | awk '$NF ~ /libthinbit|cubins/ { printf "%s: %.1f MiB, %.1f compressed\n", $NF, $1 / 2^20, $3 / 2^20 }'
du -h dist/*.whl
