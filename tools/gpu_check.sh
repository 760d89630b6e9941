#!/usr/bin/env bash
# gpu_check.sh: verifies the backend of this machine's GPU, Metal on a Mac and CUDA elsewhere, and measures it.
set -euo pipefail
case $(uname) in
  Darwin) tools/gpu_check_metal.sh ;;
  *) tools/gpu_check_cuda.sh ;;
esac
