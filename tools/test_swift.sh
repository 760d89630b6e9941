#!/usr/bin/env bash
# test_swift.sh: builds the Swift package, runs its tests as debug and as release, and builds the packages under examples/
# that use it. Skipped where there is no Swift, except where CI is set.
set -euo pipefail
if ! command -v swift >/dev/null; then
  echo "swift was not found (put its usr/bin on PATH): the Swift tests are skipped"
  [ -z "${CI:-}" ]
  exit
fi
swift --version 2>&1 | head -n 1
for configuration in debug release; do
  echo "-- swift test, $configuration"
  swift test --configuration $configuration --disable-xctest --quiet
done
for manifest in examples/*/Package.swift; do
  [ -e "$manifest" ] || continue
  echo "-- swift build in $(dirname "$manifest")"
  swift build --package-path "$(dirname "$manifest")" --quiet
done
