#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The main job on the file backend, in a throw-away folder: tests/demo.sh MODULE TOOL
set -euo pipefail

module=$(realpath "$1")
PATH=$(dirname "$(realpath "$2")"):$PATH
folder=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-demo.XXXXXX")
trap 'rm -rf "$folder"' EXIT
export HOME=$folder PATH module SIDESEAT_PKCS11_MODULE=$module SIDESEAT_DATA_DIR=$folder/data \
    SIDESEAT_SECRETS_BACKEND=file SIDESEAT_CONFIG=$folder/sideseat.json
# nothing of the machine's own configuration comes into this
unset SIDESEAT_SECRETS_ENV_PREFIX SIDESEAT_PKCS11_LOG SIDESEAT_PKCS11_LOG_FILE XDG_DATA_HOME
echo '{}' >"$SIDESEAT_CONFIG"
cd "$folder"

title() {
    printf '\n# %s\n' "$1"
}

# Shows a command as it could be typed, and runs it.
show() {
    printf '$ %s\n' "$1"
    bash -euo pipefail -c "$1"
}

expect() {
    local given
    given=$(bash -euo pipefail -c "$2")
    if [ "$given" != "$1" ]; then
        echo "demo: '$2' gave '$given', not '$1'" >&2
        exit 1
    fi
}

data='pkcs11:token=sideseat;type=data'
acme='pkcs11:token=sideseat;object=org%2Facme%2Fopenai_api_key;type=data'
hook='pkcs11:token=sideseat;object=project%2Fp1%2Fwebhook_secret;type=data'
old='pkcs11:token=sideseat;object=global%2Fjwt_signing_key;type=data'

printf '$ export module=%s SIDESEAT_DATA_DIR=%s SIDESEAT_SECRETS_BACKEND=file\n' "$module" "$folder/data"

title 'a file as sideseat version 1 wrote it: flat names'
mkdir -m 0700 data
cat >data/secrets.json <<'END'
{"secrets": {"jwt_signing_key": {"value": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
  "metadata": {"created_at": "2024-01-01T00:00:00.123456789Z", "updated_at": "2024-01-01T00:00:00.123456789Z"}}}}
END
chmod 0600 data/secrets.json
show 'cat data/secrets.json'

title 'the token'
show "p11tool --provider \$module --list-tokens"

title 'the old secret is there, under its new name, and the file is version 2'
show "p11tool --provider \$module --list-all --only-urls '$data'"
show "p11tool --provider \$module --export --outraw '$old'; echo"
show 'cat data/secrets.json'
expect 2 "python3 -c 'import json; print(json.load(open(\"data/secrets.json\"))[\"version\"])'"

title 'store: with sideseat-secrets, and with pkcs11-tool'
show 'printf %s sk-live-123 | sideseat-secrets set org/acme/openai_api_key'
show "printf %s whsec-456 >hook && pkcs11-tool --module \$module --write-object hook --type data --label project/p1/webhook_secret --application-label sideseat --private"

title 'list'
show "p11tool --provider \$module --list-all '$data'"
show 'sideseat-secrets list --details'

title 'read back, each through another program'
show "p11tool --provider \$module --export --outraw '$acme'; echo"
show 'sideseat-secrets get project/p1/webhook_secret; echo'
expect sk-live-123 "p11tool --provider \$module --export --outraw '$acme'"
expect whsec-456 'sideseat-secrets get project/p1/webhook_secret'
expect whsec-456 "pkcs11-tool --module \$module --read-object --type data --label project/p1/webhook_secret 2>/dev/null"

title 'use a secret without reading it'
show 'printf %s hello | sideseat-secrets sign global/jwt_signing_key'

title 'delete'
show "p11tool --provider \$module --batch --delete '$hook'"
show 'sideseat-secrets delete org/acme/openai_api_key'
show "p11tool --provider \$module --list-all --only-urls '$data'"
expect global/jwt_signing_key 'sideseat-secrets list'

printf '\nIt works.\n'
