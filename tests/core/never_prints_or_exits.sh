#!/usr/bin/env bash
# never_prints_or_exits.sh LIBRARY: the library calls nothing that writes text or ends the process.
set -euo pipefail
needed=$(nm -D --undefined-only "$1" | awk '{ print $NF }' | sed 's/@.*//' | sort -u)
[ -n "$needed" ] || { echo "FAILED: no symbols found"; exit 1; }
pattern='^(v?f?printf|__v?f?printf_chk|puts|fputs|putchar|fputc|perror|fwrite|syslog|abort|_?exit|quick_exit|__assert_fail|_ZSt4c(out|err|log))$'
if grep -E "$pattern" <<<"$needed"; then
  echo "FAILED: the library uses the functions above"
  exit 1
fi
echo "passed: none of $(wc -l <<<"$needed") outside symbols prints or exits"
