#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Run the program of secrets.c under valgrind: no report may come, and one has
# to come where MACs are compared carelessly. Usage: secrets.sh PROGRAM
command -v valgrind >/dev/null || {
  echo 'skipped: valgrind is not installed'
  exit 77
}
log=$(mktemp)
program=$(mktemp)
trap 'rm -f "$log" "$program"' EXIT

# Valgrind 3.19 gives up at the debug information that clang writes; names of
# functions are enough.
strip --strip-debug -o "$program" "$1" || exit 1

valgrind -q --error-exitcode=9 --track-origins=yes "$program" >"$log" 2>&1 || {
  cat "$log"
  echo 'a branch or an address depends on a secret'
  exit 1
}
valgrind -q --error-exitcode=9 "$program" careless >"$log" 2>&1
status=$?
if [ $status -ne 9 ] \
  || ! grep -q 'depends on uninitialised value' "$log" \
  || ! grep -q 'compare_carelessly' "$log"; then
  cat "$log"
  echo "the control was not caught: exit status $status"
  exit 1
fi
echo "$(grep -c 'depends on uninitialised value' "$log") places in the control"
