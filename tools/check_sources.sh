#!/usr/bin/env bash
# Formats, lint and types of what is written by hand. Shows every failure, not only the first.
set -uo pipefail
status=0
try() {
  echo "-- $1"
  shift
  "$@" || status=1
}
mapfile -t cpp < <(git ls-files '*.h' '*.c' '*.cpp' '*.hpp' '*.mm' '*.cu' | grep -v -e '\.gen\.' -e '^core/include/')
mapfile -t swift < <(git ls-files '*.swift' | grep -v '/Generated/')

try "ruff format" ruff format --check --quiet .
try "ruff check" ruff check --quiet .
try "mypy" mypy codegen bindings/python/thinbit tests/reference_model tests/checkpoints bench tests/bench tests/metal tests/cuda tests/cubins tools/cubins tools/cuda_check tools/gpu_times.py
try "clang-format" clang-format --dry-run -Werror "${cpp[@]}"
if command -v swift >/dev/null; then
  try "swift format" swift format lint --strict "${swift[@]}"
elif [ -n "${CI:-}" ]; then
  echo "swift was not found, and CI is set"
  status=1
else
  echo "-- swift format: skipped, swift was not found"
fi
exit $status
