#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ordinary-user.sh PROGRAM [ARGUMENT...]: runs a copy of the program as a temporary user, in a new
# session keyring. Exits with 77 if the caller is not root or a program is missing.
set -euo pipefail

if [ "$(id -u)" -ne 0 ]; then
    echo "ordinary-user.sh: only root can make a user" >&2
    exit 77
fi
for command in useradd setpriv keyctl; do
    if ! command -v "$command" >/dev/null; then
        echo "ordinary-user.sh: $command is not installed" >&2
        [ "${CI:-}" = true ] && exit 1
        exit 77
    fi
done

name=sideseat-test-$$
folder=$(mktemp -d)
trap 'userdel "$name" >/dev/null 2>&1 || true; rm -rf "$folder"' EXIT
useradd --system --no-create-home --home-dir "$folder" --shell /usr/sbin/nologin "$name"
chmod 755 "$folder"
install -m 755 "$1" "$folder/program"
shift
keyctl session - setpriv --reuid "$name" --regid "$name" --clear-groups \
    env HOME="$folder" "$folder/program" "$@"
