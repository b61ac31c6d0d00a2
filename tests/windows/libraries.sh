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

# For sideseat-secrets: regular expressions of POSIX, byte by byte as in the C locale, and p11-kit's
# URIs, which are of a later release than its headers here, and use our own strndup and reallocarray.
build_tre() {
    local part parts=()
    fetch t/tre/tre_0.8.0.orig.tar.gz be8670a55198bc57485a6a8ae4b497d7db98ea25f90968585b7eb07d94c6a7dd
    printf '#define HAVE_SYS_TYPES_H 1\n#define TRE_REGEX_T_FIELD value\n#define TRE_VERSION "0.8.0"\n' \
        | tee tre/lib/config.h >tre/lib/tre-config.h
    mkdir "$folder/include/tre"
    cp tre/lib/{regex,tre,tre-config}.h "$folder/include/tre"
    echo '#include "tre/regex.h"' >"$folder/include/regex.h"
    for part in regcomp regerror regexec tre-ast tre-compile tre-match-backtrack tre-match-parallel \
        tre-mem tre-parse tre-stack xmalloc; do
        parts+=("tre/lib/$part.c")
    done
    # shellcheck disable=SC2030 # only for these sources
    (compile+=(-DHAVE_CONFIG_H -Itre/lib) && archive tre x86_64-w64-mingw32-ar "${parts[@]}")
    package tre 0.8.0 "-I$folder/include" "-L$folder/lib -ltre"
}

build_p11_kit_uri() {
    local from=p11-kit part parts=()
    fetch p/p11-kit/p11-kit_0.25.5.orig.tar.xz \
        04d0a86450cdb1be018f26af6699857171a188ac6d5b8c90786a60854e1198e5
    mkdir -p $from/own/p11-kit
    printf '#define HAVE_%s 1\n' ASPRINTF VASPRINTF STRNLEN STRNDUP REALLOCARRAY \
        >$from/own/config.h
    echo '#define P11_KIT_CHECK_VERSION(major, minor, micro) 1' >$from/own/p11-kit/version.h
    sed -i 's/^#if 1 .*HAVE_STRNDUP.*/#ifndef HAVE_STRNDUP/' $from/common/compat.c
    for part in array attrs buffer compat constants debug dict hash library message url; do
        parts+=("$from/common/$part.c")
    done
    # shellcheck disable=SC2031
    (compile+=(-D_GNU_SOURCE -DOS_WIN32=1 -D_WIN32_WINNT=0x0A00 -I"$from/own" -I"$from"
        -I"$from/common" -I"$from/p11-kit") && archive p11-kit x86_64-w64-mingw32-ar "${parts[@]}" \
        $from/p11-kit/{messages,uri,util}.c)
}

build_tre
build_p11_kit_uri
cp -r "$(pkg-config --variable=includedir p11-kit-1)/p11-kit-1" "$folder/include"
package_p11_kit
sed -i "s|^Cflags:.*|Cflags: -I$folder/include/p11-kit-1|; s|^Libs:.*|Libs: -L$folder/lib -lp11-kit|" \
    "$folder/lib/pkgconfig/p11-kit-1.pc"
cp /usr/include/uthash.h "$folder/include"
cp -rL /usr/include/openssl "/usr/include/$(gcc -print-multiarch)/openssl" "$folder/include"

echo "$made" >"$folder/made"
