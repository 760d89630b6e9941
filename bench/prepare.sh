#!/usr/bin/env bash
# Makes .venv-bench: the peers that PyPI has for this machine, and thinbit from this tree; and, where there is Swift,
# the program that times Swift's calls. A peer that cannot be installed is a blank in the tables, so each is installed
# by itself.
set -euo pipefail
python=${THINBIT_PYTHON:-python3}
[ -x .venv-bench/bin/python ] || "$python" -m venv .venv-bench
pip=(.venv-bench/bin/pip --disable-pip-version-check --quiet)
grep -v '^#' bench/requirements.txt | while read -r package; do
  # As llama.cpp ships ggml: with the blocked products that its own build leaves out.
  CMAKE_ARGS=-DGGML_LLAMAFILE=ON CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) \
    "${pip[@]}" install "$package" || echo "$package could not be installed: its rows stay blank"
done
"${pip[@]}" install .
.venv-bench/bin/python -c 'import thinbit; print("thinbit", thinbit.__version__, "and its peers are in .venv-bench")'
if command -v swift >/dev/null; then
  swift build --quiet --configuration release --package-path bench/swift --scratch-path build/bench/swift
else
  echo "swift was not found: its calls stay blank"
fi
