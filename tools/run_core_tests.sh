#!/usr/bin/env bash
# run_core_tests.sh NAME [CTEST OPTION]...: the tests of the build in build/NAME.
set -euo pipefail
name=$1
shift
ctest --test-dir "build/$name" --output-on-failure --no-tests=error -j 2 "$@"
