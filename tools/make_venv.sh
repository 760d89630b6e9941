#!/usr/bin/env bash
# Makes .venv with what requirements-dev.txt pins. THINBIT_PYTHON names the interpreter, python3 unless set.
set -euo pipefail
python=${THINBIT_PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  { echo "thinbit needs Python 3.11 or newer; $python is $("$python" --version 2>&1)"; exit 1; }
"$python" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
echo ".venv is $(.venv/bin/python --version) with $(.venv/bin/pip list 2>/dev/null | tail -n +3 | wc -l) packages"
