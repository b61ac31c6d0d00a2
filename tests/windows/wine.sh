#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# wine.sh PROGRAM ARGUMENT...: runs a program of Windows with Wine, in the folder for it that
# tests/windows/run makes. Without SIDESEAT_TEST_INPUT it has no standard input.
set -euo pipefail
export WINEPREFIX=${SIDESEAT_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sideseat-pkcs11}/wine
export SIDESEAT_TEST_TEMP=Z:/dev/shm
export WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
# Wine's server stays for the next program, and is started by one program alone: one that starts
# meanwhile, or while it ends, may wait for ever.
(
    if ! flock -w 60 9; then
        echo "wine.sh: another program has started Wine's server for 60 s" >&2
        exit 1
    fi
    if timeout 60 wineserver -p60 9>&- >/dev/null 2>&1 </dev/null; then # else it runs already
        timeout 60 wine cmd /c exit 9>&- >/dev/null 2>&1 </dev/null
    fi
) 9>"$WINEPREFIX.lock"
if [ -z "${SIDESEAT_TEST_INPUT-}" ]; then
    exec </dev/null
fi
exec wine "$@"
