#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# gnome-keyring-daemon as the Secret Service of a private session; see session.sh for the usage.
service_commands=gnome-keyring-daemon
mode=unlocked

# shellcheck source=tests/servers/session.sh
. "$(dirname "$0")/session.sh"

# A collection is locked if it exists and the daemon starts with a wrong password, so this makes one.
service_prepare() {
    [ "$mode" = locked ] || return 0
    service_start unlocked ready
    service_kill
}

# The daemon reads the password up to the end of its input, so a newline would belong to it.
service_run() {
    [ "$1" != empty ] || exec gnome-keyring-daemon --foreground --components=secrets
    password=sideseat
    [ "$1" = unlocked ] || password=wrong
    printf %s "$password" >"$SIDESEAT_SESSION/password"
    exec gnome-keyring-daemon --foreground --unlock --components=secrets \
        <"$SIDESEAT_SESSION/password"
}

service_main "$@"
