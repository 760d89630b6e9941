#!/usr/bin/env bash
# run_core_tests.sh NAME: the tests of the build in build/NAME.
set -euo pipefail
ctest --test-dir "build/$1" --output-on-failure --no-tests=error -j 2
