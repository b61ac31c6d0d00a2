#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# programs.sh MODULE SECRETS STORE: uses both programs in a throw-away home. sideseat-secrets stores, lists,
# reads and removes a secret on the file; the module starts sideseat-store for `vault` and for `aws`, whose
# servers do not listen.
set -euo pipefail

module=$1
secrets=$2
store=$3
# the module starts no program below a folder that others can write to
folder=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-programs.XXXXXX")
trap 'rm -rf "$folder"' EXIT

export SIDESEAT_PKCS11_MODULE=$module SIDESEAT_PKCS11_STORE=$store SIDESEAT_DATA_DIR=$folder/data
export SIDESEAT_SECRETS_BACKEND=file

# expect STATUS WORDS COMMAND...: the command ends with that status, and its output has these words
expect() {
    local status=$1 words=$2 given got=0
    shift 2
    given=$("$@" 2>&1) || got=$?
    if [ "$got" != "$status" ] || [[ $given != *"$words"* ]]; then
        echo "programs.sh: '$*' ended with $got and '$given', not with $status and '$words'" >&2
        exit 1
    fi
}

expect 0 sideseat-store "$store" --version
printf %s sk-live-123 | "$secrets" set org/acme/openai_api_key
expect 0 org/acme/openai_api_key "$secrets" list
expect 0 sk-live-123 "$secrets" get org/acme/openai_api_key
# shellcheck disable=SC2016 # the program's variable
expect 0 sk-live-123 "$secrets" run --env KEY=org/acme/openai_api_key -- sh -c 'echo "$KEY"'
expect 2 'touches a disk' "$secrets" edit org/acme/openai_api_key
expect 2 'unrecognized option' "$secrets" list --nonsense
"$secrets" delete org/acme/openai_api_key
expect 3 'openai_api_key' "$secrets" get org/acme/openai_api_key

export VAULT_ADDR=http://127.0.0.1:1 VAULT_TOKEN=none
SIDESEAT_SECRETS_BACKEND=vault expect 6 127.0.0.1 "$secrets" get a
export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=eu-west-1
export AWS_ENDPOINT_URL=http://127.0.0.1:1
SIDESEAT_SECRETS_BACKEND=aws expect 6 127.0.0.1 "$secrets" get a
echo "programs.sh: both programs do as they should"
