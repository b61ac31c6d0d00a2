#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# musl.sh FOLDER: builds what the module and its tests need with musl, from Debian's sources, and keeps
# it in FOLDER. Headers without a library (uthash, p11-kit, the kernel's) are this machine's.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1

made=$(cat "$here/musl.sh" "$here/libraries.sh" | sha256sum)
[ -e "$folder/made" ] && [ "$(cat "$folder/made")" = "$made" ] && exit
# shellcheck source=tests/ports/libraries.sh
. "$here/libraries.sh"
rm -rf "$folder"
mkdir -p "$folder/include" "$folder/lib/pkgconfig"

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-musl.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

system=(-idirafter "/usr/include/$(gcc -print-multiarch)" -idirafter /usr/include)
compile=(musl-gcc -O1 -g -w -fPIC -D_GNU_SOURCE "-I$folder/include" "${system[@]}")
cmake=(-DCMAKE_C_COMPILER=musl-gcc "-DCMAKE_C_FLAGS=-w ${system[*]}")

build_jansson "${cmake[@]}"
fetch c/cmocka/cmocka_1.1.7.orig.tar.xz \
    810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
with_cmake cmocka -DWITH_EXAMPLES=OFF "${cmake[@]}"
build_yajl ar
package_p11_kit

fetch k/keyutils/keyutils_1.6.3.orig.tar.gz \
    a61d5706136ae4c05bd48f86186bcfdbd88dd8bd5107e3e195c924cfc1b39bb4
cp keyutils/keyutils.h "$folder/include"
compile+=('-DPKGVERSION="keyutils-1.6.3"' '-DPKGBUILD="2020"' '-DAPIVERSION="libkeyutils-1.10"')
archive keyutils ar keyutils/keyutils.c
package libkeyutils 1.6.3 "-I$folder/include" "-L$folder/lib -lkeyutils"

fetch o/openssl/openssl_3.0.20.orig.tar.gz \
    c80a01dfc70ece4dc21168932c37739042d404d46ccc81a5986dd75314ecda6f
cd openssl
./Configure linux-x86_64 CC=musl-gcc "CFLAGS=-O1 ${system[*]}" shared no-tests no-engine no-dso \
    no-legacy no-async no-afalgeng no-asm no-secure-memory
make -j"$(nproc)" build_generated
make -j"$(nproc)" libcrypto.so.3
cp libcrypto.so.3 "$folder/lib"
cp -r include/openssl "$folder/include"

echo "$made" >"$folder/made"
