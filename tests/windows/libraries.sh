#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libraries.sh FOLDER: builds what the module and its tests need on Windows, from Debian's sources, and
# keeps it in FOLDER. Headers without a library there (uthash, p11-kit, OpenSSL) are this machine's.
set -euo pipefail
folder=$1
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/ports/libraries.sh
. "$here/../ports/libraries.sh"
toolchain=$here/../../cmake/windows.cmake

made=$(cat "$here/libraries.sh" "$here/../ports/libraries.sh" "$toolchain" | sha256sum)
[ -e "$folder/made" ] && [ "$(cat "$folder/made")" = "$made" ] && exit
rm -rf "$folder"
mkdir -p "$folder/include" "$folder/lib/pkgconfig"

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-windows.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# shellcheck disable=SC2034 # libraries.sh uses it
compile=(x86_64-w64-mingw32-gcc-posix -O2 -w -DNDEBUG "-I$folder/include")
cmake=(-DCMAKE_TOOLCHAIN_FILE="$toolchain" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-w)

build_jansson -DJANSSON_BUILD_SHARED_LIBS=OFF "${cmake[@]}"
fetch c/cmocka/cmocka_1.1.7.orig.tar.xz \
    810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
with_cmake cmocka -DWITH_EXAMPLES=OFF "${cmake[@]}"
build_yajl x86_64-w64-mingw32-ar
cp -r "$(pkg-config --variable=includedir p11-kit-1)/p11-kit-1" "$folder/include"
package_p11_kit
sed -i "s|^Cflags:.*|Cflags: -I$folder/include/p11-kit-1|" "$folder/lib/pkgconfig/p11-kit-1.pc"
cp /usr/include/uthash.h "$folder/include"
cp -rL /usr/include/openssl "/usr/include/$(gcc -print-multiarch)/openssl" "$folder/include"

echo "$made" >"$folder/made"
