#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# wine.sh PROGRAM ARGUMENT...: runs a program of Windows with Wine, in the folder for it that
# tests/windows/run makes.
set -euo pipefail
export WINEPREFIX=${SIDESEAT_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sideseat-pkcs11}/wine
export SIDESEAT_TEST_TEMP=Z:/dev/shm
export WINEDEBUG=-all WINEDLLOVERRIDES=mscoree,mshtml=
exec wine "$@" </dev/null
