#!/usr/bin/env bash
# Installs what PyPI does not have: clang-19, which the numerics headers are checked with as OpenCL C++ (the nearest to
# Metal's language), ccache, and a cross compiler for aarch64 with qemu, which runs what it makes. Without them their
# tests are skipped, except where CI is set: there it is an error.
set -euo pipefail
missing=()
command -v clang-19 >/dev/null || missing+=(clang-19)
command -v ccache >/dev/null || missing+=(ccache)
command -v aarch64-linux-gnu-g++ >/dev/null || missing+=(g++-aarch64-linux-gnu)
command -v qemu-aarch64 >/dev/null || missing+=(qemu-user)
if [ ${#missing[@]} -eq 0 ]; then
  echo "clang-19, ccache, g++-aarch64-linux-gnu and qemu-user are there"
  exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  echo "installing ${missing[*]} with apt-get"
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update >"$log" 2>&1 && apt-get install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1; then
    exit 0
  fi
  tail -n 20 "$log"
fi
echo "not installed: ${missing[*]}. Install them with your package manager (on Debian: apt-get install ${missing[*]})."
if [ -n "${CI:-}" ]; then exit 1; fi
echo "Going on without: the tests that need them are skipped, and builds are not cached by content."
