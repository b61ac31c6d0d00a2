#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the Vault server of the tests from HashiCorp's Go modules and prints where it is. It is kept
# in the cache folder under a name that stands for these versions and sources, so that only the first
# build takes minutes. For tests only: never shipped, and nothing of ours is linked with it (Vault is
# under the Business Source License). Needs Go 1.25 or newer.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
module=github.com/hashicorp/vault
version=v1.21.4
# The release's own go.mod takes these from folders beside it, which the module proxy does not carry.
# sdk: the newest that 1.21.4 compiles with.
sdk=v0.20.0
api=v1.22.0
auth=v0.10.0

name=vault-$(cat "$here/build.sh" "$here/main.go" | sha256sum | cut -c1-12)
out=${XDG_CACHE_HOME:-$HOME/.cache}/sideseat-pkcs11/$name
if [ -x "$out" ]; then
    echo "$out"
    exit
fi
command -v go >/dev/null || { echo "$0: Go is not installed" >&2; exit 77; }

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-vault.XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
cd "$work"
go mod init vaulttest 2>/dev/null
source=$(go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
cp "$source/go.mod" "$source/go.sum" .
chmod u+w go.mod go.sum
set -- -module=vaulttest "-require=$module@$version" "-dropreplace=$module/api" \
    "-require=$module/api@$api" "-dropreplace=$module/sdk" "-replace=$module/sdk=$module/sdk@$sdk"
for method in approle kubernetes userpass; do
    set -- "$@" "-dropreplace=$module/api/auth/$method" "-require=$module/api/auth/$method@$auth"
done
go mod edit "$@"
cp "$here/main.go" .
CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -ldflags '-s -w' -o server . >&2
mkdir -p "$(dirname "$out")"
mv server "$out.$$"
mv "$out.$$" "$out"
echo "$out"
