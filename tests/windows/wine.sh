#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# wine.sh PROGRAM ARGUMENT...: runs a program of Windows with Wine, in the folder for it that
# tests/windows/run makes. Without SIDESEAT_TEST_INPUT it has no standard input.
set -euo pipefail
export WINEPREFIX=${SIDESEAT_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sideseat-pkcs11}/wine
export SIDESEAT_TEST_TEMP=Z:/dev/shm
export WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
# Wine's server stays for the next program: one that starts while it ends may wait for ever.
wineserver -p60 >/dev/null 2>&1 </dev/null || true # it runs already
if [ -z "${SIDESEAT_TEST_INPUT-}" ]; then
    exec </dev/null
fi
exec wine "$@"
