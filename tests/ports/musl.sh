#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# musl.sh FOLDER: builds what the module and its tests need with musl, from Debian's sources, and keeps
# it in FOLDER. Headers without a library (uthash, p11-kit, the kernel's) are this machine's.
set -euo pipefail
folder=$1
mirror=https://deb.debian.org/debian/pool/main

made=$(sha256sum <"${BASH_SOURCE[0]}")
[ -e "$folder/made" ] && [ "$(cat "$folder/made")" = "$made" ] && exit
rm -rf "$folder"
mkdir -p "$folder/include" "$folder/lib/pkgconfig"

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-musl.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

system=(-idirafter "/usr/include/$(gcc -print-multiarch)" -idirafter /usr/include)
compile=(musl-gcc -O1 -g -w -fPIC -D_GNU_SOURCE "${system[@]}")

# fetch FILE SHA256: unpacks it below Debian's pool into a folder without its version
fetch() {
    local file=${1##*/}
    local name=${file%%_*}
    curl -sSf --max-time 300 -o "$file" "$mirror/$1"
    echo "$2  $file" | sha256sum --check --quiet
    mkdir "$name"
    tar -xf "$file" -C "$name" --strip-components=1
}

# package NAME VERSION CFLAGS LIBS
package() {
    printf 'Name: %s\nDescription: for the tests with musl\nVersion: %s\nCflags: %s\nLibs: %s\n' \
        "$1" "$2" "$3" "$4" >"$folder/lib/pkgconfig/$1.pc"
}

# with_cmake SOURCE OPTION...
with_cmake() {
    cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_C_COMPILER=musl-gcc \
        -DCMAKE_C_FLAGS="-w ${system[*]}" -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
        -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib "${@:2}"
    cmake --build "$1/build"
    cmake --install "$1/build"
}

fetch j/jansson/jansson_2.14.orig.tar.gz \
    c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b
with_cmake jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON -DJANSSON_EXAMPLES=OFF

fetch c/cmocka/cmocka_1.1.7.orig.tar.xz \
    810570eb0b8d64804331f82b29ff47c790ce9cd6b163e98d47a4807047ecad82
with_cmake cmocka -DWITH_EXAMPLES=OFF

fetch y/yajl/yajl_2.1.0.orig.tar.gz \
    3fb73364a5a30efe615046d07e6db9d09fd2b41c763c5f7d3bfb121cd5c5ac5a
mkdir "$folder/include/yajl"
cp yajl/src/api/*.h "$folder/include/yajl"
# shellcheck disable=SC2016 # not the shell's variables
sed 's/\${YAJL_MAJOR}/2/; s/\${YAJL_MINOR}/1/; s/\${YAJL_MICRO}/0/' yajl/src/api/yajl_version.h.cmake \
    >"$folder/include/yajl/yajl_version.h"
for file in yajl/src/*.c; do
    "${compile[@]}" -I"$folder/include" -c "$file" -o "${file%.c}.o"
done
ar rcs "$folder/lib/libyajl.a" yajl/src/*.o
package yajl 2.1.0 "-I$folder/include/yajl -I$folder/include" "-L$folder/lib -lyajl"

fetch k/keyutils/keyutils_1.6.3.orig.tar.gz \
    a61d5706136ae4c05bd48f86186bcfdbd88dd8bd5107e3e195c924cfc1b39bb4
cp keyutils/keyutils.h "$folder/include"
"${compile[@]}" '-DPKGVERSION="keyutils-1.6.3"' '-DPKGBUILD="2020"' '-DAPIVERSION="libkeyutils-1.10"' \
    -c keyutils/keyutils.c -o keyutils.o
ar rcs "$folder/lib/libkeyutils.a" keyutils.o
package libkeyutils 1.6.3 "-I$folder/include" "-L$folder/lib -lkeyutils"

# for its pkcs11.h
package p11-kit-1 "$(pkg-config --modversion p11-kit-1)" "$(pkg-config --cflags p11-kit-1)" ""
printf '%s=%s\n' p11_module_path /usr/lib/pkcs11 p11_module_configs /usr/share/p11-kit/modules \
    >>"$folder/lib/pkgconfig/p11-kit-1.pc"

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
