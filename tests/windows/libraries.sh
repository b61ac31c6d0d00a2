#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# libraries.sh FOLDER [ZIG TARGET]: builds what the module and its tests need on Windows, from Debian's
# sources, and keeps it in FOLDER: with MinGW-w64, or what the module alone needs with
# `zig cc -target TARGET`. Headers without a library there (uthash, p11-kit, OpenSSL) are this machine's.
set -euo pipefail
folder=$1
zig=${2-}
target=${3-}
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=tests/ports/libraries.sh
. "$here/../ports/libraries.sh"
toolchain=$here/../../cmake/windows.cmake
[ -z "$zig" ] || toolchain=$here/../../cmake/zig.cmake

made=$(echo "$target" | cat - "$here/libraries.sh" "$here/../ports/libraries.sh" "$toolchain" | sha256sum)
[ -e "$folder/made" ] && [ "$(cat "$folder/made")" = "$made" ] && exit
rm -rf "$folder"
mkdir -p "$folder/include" "$folder/lib/pkgconfig"

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-windows.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

compiler=x86_64-w64-mingw32-gcc-posix
archiver=x86_64-w64-mingw32-ar
cmake=(-DCMAKE_TOOLCHAIN_FILE="$toolchain" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS=-w)
if [ -n "$zig" ]; then
    compiler=$folder/cc # of one word, for CMake
    archiver=llvm-ar
    cmake+=(-DSIDESEAT_PORT="${folder##*/}" -DHAVE_IOCTLSOCKET_FIONBIO=1) # curl's check fails with it
    printf '#!/bin/sh\nexec "%s" cc -target %s "$@"\n' "$zig" "$target" >"$compiler"
    chmod +x "$compiler"
fi
# shellcheck disable=SC2034 # libraries.sh uses it
compile=("$compiler" -O2 -w -DNDEBUG "-I$folder/include")

build_jansson -DJANSSON_BUILD_SHARED_LIBS=OFF "${cmake[@]}"
build_yajl "$archiver"

# For sideseat-secrets: regular expressions of POSIX, byte by byte as in the C locale, and p11-kit's
# URIs, which are of a later release than its headers here, and use our own strndup and reallocarray.
build_tre() {
    local part parts=() compile=("${compile[@]}" -DHAVE_CONFIG_H -Itre/lib)
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
    archive tre "$archiver" "${parts[@]}"
    package tre 0.8.0 "-I$folder/include" "-L$folder/lib -ltre"
}

build_p11_kit_uri() {
    local from=p11-kit part parts=()
    local compile=("${compile[@]}" -D_GNU_SOURCE -DOS_WIN32=1 -D_WIN32_WINNT=0x0A00 "-I$from/own"
        "-I$from" "-I$from/common" "-I$from/p11-kit")
    fetch p/p11-kit/p11-kit_0.25.5.orig.tar.xz \
        04d0a86450cdb1be018f26af6699857171a188ac6d5b8c90786a60854e1198e5
    mkdir -p $from/own/p11-kit
    printf '#define HAVE_%s 1\n' ASPRINTF VASPRINTF STRNLEN STRNDUP REALLOCARRAY \
        >$from/own/config.h
    printf '%s\n' '#include <stddef.h>' 'char *strndup(const char *, size_t);' \
        'void *reallocarray(void *, size_t, size_t);' >>$from/own/config.h
    echo '#define P11_KIT_CHECK_VERSION(major, minor, micro) 1' >$from/own/p11-kit/version.h
    sed -i 's/^#if 1 .*HAVE_STRNDUP.*/#ifndef HAVE_STRNDUP/' $from/common/compat.c
    for part in array attrs buffer compat constants debug dict hash library message url; do
        parts+=("$from/common/$part.c")
    done
    archive p11-kit "$archiver" "${parts[@]}" $from/p11-kit/{messages,uri,util}.c
}

build_cmocka() {
    fetch c/cmocka/cmocka_1.1.7.orig.tar.xz \
        810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
    with_cmake cmocka -DWITH_EXAMPLES=OFF "${cmake[@]}"
}

# A client: OpenSC's pkcs11-tool without OpenSSL, and without OpenSC's library for smart cards, whose
# functions no test calls; a call would end the program.
build_pkcs11_tool() {
    local from=opensc name cards=() objects=()
    fetch o/opensc/opensc_0.23.0.orig.tar.gz \
        a08b475834e3c3b0efd9bfc46adfcc3440d3975c2fb3ab2ef29342b879d41370
    mkdir $from/own "$folder/bin"
    printf '#define %s\n' 'PACKAGE_NAME "OpenSC"' 'PACKAGE_VERSION "0.23.0"' 'VERSION "0.23.0"' \
        'OPENSC_VERSION_MAJOR 0' 'OPENSC_VERSION_MINOR 23' 'OPENSC_VERSION_FIX 0' \
        'OPENSC_CONF_PATH "opensc.conf"' 'DEFAULT_PKCS11_PROVIDER "none.dll"' \
        'DEFAULT_ONEPIN_PKCS11_PROVIDER "none.dll"' 'DYNAMIC_LIB_EXT ".dll"' 'HAVE_STDINT_H 1' \
        'HAVE_INTTYPES_H 1' 'HAVE_STRING_H 1' 'HAVE_UNISTD_H 1' 'HAVE_GETOPT_H 1' \
        'HAVE_GETOPT_LONG 1' 'HAVE_PTHREAD 1' 'HAVE_SETMODE 1' >$from/own/config.h
    for name in tools/pkcs11-tool tools/util common/{libpkcs11,libscdl} \
        common/compat_{strlcat,strlcpy,getpass}; do
        "${compile[@]}" -DHAVE_CONFIG_H -D_WIN32_WINNT=0x0A00 -include string.h "-I$from/own" \
            "-I$from/src" "-I$from/src/tools" -c "$from/src/$name.c" -o "$from/own/${name##*/}.o"
        objects+=("$from/own/${name##*/}.o")
    done
    for name in pkcs11_function_list_3_0 sc_asn1_{decode_object_id,encode_object_id} \
        sc_asn1_sig_value_{rs_to_sequence,sequence_to_rs} sc_ctx_{detect_readers,log_to_file} \
        sc_ctx_get_{reader,reader_by_name,reader_count} sc_{connect_card,detect_card_presence} \
        sc_{disconnect_card,format_oid,hex_to_bin,init_oid,lock,notify_close,notify_init} \
        sc_{strerror,wait_for_event}; do
        cards+=("-Wl,--defsym=$name=abort")
    done
    "${compile[@]}" "${objects[@]}" "${cards[@]}" -static -lshlwapi -o "$folder/bin/pkcs11-tool.exe"
}

# Python for clients, and OpenSSL's libcrypto for key pairs, as Python for Windows has it.
fetch_python() {
    local python=org/bytedeco/cpython
    curl -sSf --max-time 300 -o python.jar \
        "https://repo1.maven.org/maven2/$python/3.13.5-1.5.12/cpython-3.13.5-1.5.12-windows-x86_64.jar"
    echo "cfe5502ffa7ea369be707b6d88bf68344732a7800450665080fb4267c01bfeae  python.jar" \
        | sha256sum --check --quiet
    python3 -m zipfile -e python.jar python
    cp -r "python/$python/windows-x86_64" "$folder/python"
    cp "$folder/python/lib/libcrypto-3.dll" "$folder/bin"
}

build_tre
build_p11_kit_uri
if [ -z "$zig" ]; then # the tests' own
    build_cmocka
    build_pkcs11_tool
    fetch_python
fi
cp -r "$(pkg-config --variable=includedir p11-kit-1)/p11-kit-1" "$folder/include"
package_p11_kit
sed -i "s|^Cflags:.*|Cflags: -I$folder/include/p11-kit-1|; s|^Libs:.*|Libs: -L$folder/lib -lp11-kit|" \
    "$folder/lib/pkgconfig/p11-kit-1.pc"
cp /usr/include/uthash.h "$folder/include"
cp -rL /usr/include/openssl "/usr/include/$(gcc -print-multiarch)/openssl" "$folder/include"
sed -i 's/define SIXTY_FOUR_BIT_LONG/define SIXTY_FOUR_BIT/; s/undef SIXTY_FOUR_BIT$/undef SIXTY_FOUR_BIT_LONG/' \
    "$folder/include/openssl/configuration.h" # where long has 32 bits

# HTTP for the store process, with Windows' own TLS and no other library
fetch c/curl/curl_7.88.1.orig.tar.gz \
    cdb38b72e36bc5d33d5b8810f8018ece1baa29a8f215b4495e495ded82bbf3c7
with_cmake curl -DHTTP_ONLY=ON -DCURL_USE_SCHANNEL=ON -DENABLE_UNICODE=ON -DBUILD_CURL_EXE=OFF \
    -DPICKY_COMPILER=OFF -DBUILD_TESTING=OFF -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF -DUSE_NGHTTP2=OFF \
    -DUSE_LIBIDN2=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF "${cmake[@]}"
sed -i 's/^Cflags:/& -DCURL_STATICLIB/' "$folder/lib/pkgconfig/libcurl.pc"
fetch e/expat/expat_2.5.0.orig.tar.gz \
    ab00ee05c7067fd10a35c5d2a4922ebba746ddd50ff83b79c828da17bbdf1757
with_cmake expat/expat -DEXPAT_SHARED_LIBS=OFF -DEXPAT_BUILD_TOOLS=OFF -DEXPAT_BUILD_EXAMPLES=OFF \
    -DEXPAT_BUILD_TESTS=OFF -DEXPAT_BUILD_DOCS=OFF "${cmake[@]}"

echo "$made" >"$folder/made"
