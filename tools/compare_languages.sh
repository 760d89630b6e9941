#!/usr/bin/env bash
# One checkpoint in Python and in Swift: the same tokens, and the same bytes written back; and ranks in both languages. Run
# after the Swift tests, which build the example package.
set -euo pipefail
chat=examples/swift-package/.build/debug/Chat
if ! command -v swift >/dev/null; then
  echo "swift was not found: the languages are not compared"
  [ -z "${CI:-}" ]
  exit
fi
PYTHONPATH=. python tests/languages/same_model.py "$chat"
swift build --product ThinbitRank --quiet
pytest --quiet tests/languages
