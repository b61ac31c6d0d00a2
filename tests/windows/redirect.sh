#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# redirect.sh PROGRAM ARGUMENT...: runs a program of Windows as wine.sh does, with standard streams
# that Windows' shell opens: Python and Node refuse those that Wine passes on. No word has a space.
set -euo pipefail
folder=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-redirect.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cat >"$folder/in"
windows=Z:${folder//\//\\}
status=0
timeout 100 "$(dirname "$0")/wine.sh" cmd /c "$@" "<" "$windows\\in" ">" "$windows\\out" \
    "2>" "$windows\\err" >"$folder/wine" 2>&1 || status=$?
if [ -e "$folder/out" ]; then
    cat "$folder/out"
fi
cat "$folder"/{wine,err} >&2 || true
exit "$status"
