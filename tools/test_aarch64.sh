#!/usr/bin/env bash
# test_aarch64.sh [--all]: the core, cross-compiled for ARM servers and Apple's processors, under qemu: the vectors and the
# products of many rows; with --all also what takes minutes there. Forks of programs with threads are beyond qemu's user
# mode, so tests of pools and contexts run on the machine itself only.
set -euo pipefail
if ! command -v aarch64-linux-gnu-g++ >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
  echo "skipped: there is no g++-aarch64-linux-gnu or no qemu-user here"
  if [ -n "${CI:-}" ]; then exit 1; fi
  exit 0
fi
tools/build_core.sh aarch64
tests='vectors|vector_check|error|level_choice|blocked_test'
if [ "${1:-}" = --all ]; then tests+='|levels_test'; fi
tools/run_core_tests.sh aarch64 -R "^($tests)"
