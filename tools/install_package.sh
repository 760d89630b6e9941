#!/usr/bin/env bash
# Builds the Python package and installs it into .venv. Compiles again only what changed.
set -euo pipefail
source tools/ccache.sh
pip install --quiet --no-deps --no-build-isolation --config-settings=build-dir=build/python .
python -c 'import thinbit; print("thinbit", thinbit.__version__, "is in", *thinbit.__path__)'
