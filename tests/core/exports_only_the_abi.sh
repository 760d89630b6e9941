#!/usr/bin/env bash
# exports_only_the_abi.sh LIBRARY HEADER: the library exports the functions of the header, and nothing else.
set -euo pipefail
exported=$(nm -D --defined-only "$1" | awk '{ print $NF }' | sed 's/@.*//' | sort -u)
declared=$(grep -o 'thinbit_[a-z0-9_]*(' "$2" | tr -d '(' | sort -u)
if ! diff <(echo "$declared") <(echo "$exported"); then
  echo "FAILED: < is declared and not exported, > is exported and not declared"
  exit 1
fi
echo "passed: $(echo "$exported" | wc -l) functions, all of them thinbit_*"
