#!/usr/bin/env bash
# Builds the Python package and installs it into .venv. Compiles again only what changed.
set -euo pipefail
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # what one clone compiled serves the next
  export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
fi
pip install --quiet --no-deps --no-build-isolation --config-settings=build-dir=build/python .
python -c 'import thinbit; print("thinbit", thinbit.__version__, "is in", *thinbit.__path__)'
