#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# session.sh MODULE BACKEND: stores, lists, reads, changes and removes a secret with pkcs11-tool, in a
# throw-away home. On macOS with the backend `keychain` it makes a keychain of its own, and gives the
# user's default keychain back at the end.
set -euo pipefail

module=$1
backend=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-session.XXXXXX")
keychain=$folder/session.keychain-db
default=

finish() {
    if [ -n "$default" ]; then
        security default-keychain -s "$default"
        security delete-keychain "$keychain"
    fi
    rm -rf "$folder"
}
trap finish EXIT

export SIDESEAT_SECRETS_BACKEND=$backend SIDESEAT_DATA_DIR=$folder/data
if [ "$backend" = keychain ]; then
    default=$(security default-keychain | sed 's/^ *"\(.*\)"$/\1/')
    security create-keychain -p session "$keychain"
    security default-keychain -s "$keychain"
    security unlock-keychain -p session "$keychain"
fi

tool() {
    pkcs11-tool --module "$module" "$@"
}

# expect WORDS COMMAND...: the command's output has these words
expect() {
    local words=$1 given
    shift
    given=$("$@")
    if [[ $given != *"$words"* ]]; then
        echo "session.sh: '$*' gave '$given', without '$words'" >&2
        exit 1
    fi
}

store() {
    printf '%s' "$1" >"$folder/value"
    tool --write-object "$folder/value" --type data --label org/acme/openai_api_key >/dev/null
}

read_back() {
    tool --read-object --type data --label org/acme/openai_api_key
}

expect sideseat tool --list-slots
store 'sk-first'
expect org/acme/openai_api_key tool --list-objects --type data
expect sk-first read_back
store 'sk-second'
expect sk-second read_back
tool --delete-object --type data --label org/acme/openai_api_key >/dev/null
if read_back 2>/dev/null | grep -q sk-; then
    echo "session.sh: the secret is still there after its removal" >&2
    exit 1
fi
echo "session.sh: the session on $backend is as it should be"
