# shellcheck shell=bash disable=SC2154 # the caller sets them
# SPDX-License-Identifier: Apache-2.0
# For the scripts beside it, which build libraries for another system from Debian's sources and keep
# them in $folder. The caller sets $folder, changes to a folder of its own, and defines the array
# `compile`, which has the compiler and its options.
mirror=https://deb.debian.org/debian/pool/main
jansson=(j/jansson/jansson_2.14.orig.tar.gz
    c739578bf6b764aa0752db9a2fdadcfe921c78f1228c7ec0bb47fa804c55d17b)
yajl=(y/yajl/yajl_2.1.0.orig.tar.gz
    3fb73364a5a30efe615046d07e6db9d09fd2b41c763c5f7d3bfb121cd5c5ac5a)

# fetch FILE SHA256: unpacks a file of Debian's pool into a folder without its version
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
    printf 'Name: %s\nDescription: for the tests of another system\nVersion: %s\nCflags: %s\nLibs: %s\n' \
        "$1" "$2" "$3" "$4" >"$folder/lib/pkgconfig/$1.pc"
}

# archive NAME ARCHIVER SOURCE...: compiles the sources into lib/libNAME.a
archive() {
    local name=$1 archiver=$2 file objects=()
    shift 2
    for file in "$@"; do
        "${compile[@]}" -c "$file" -o "${file%.c}.o"
        objects+=("${file%.c}.o")
    done
    "$archiver" rcs "$folder/lib/lib$name.a" "${objects[@]}"
}

# build_yajl ARCHIVER
build_yajl() {
    fetch "${yajl[@]}"
    mkdir "$folder/include/yajl"
    cp yajl/src/api/*.h "$folder/include/yajl"
    # a library that it is linked into does not export its functions
    sed -i 's/visibility("default")/visibility("hidden")/' "$folder/include/yajl/yajl_common.h"
    # shellcheck disable=SC2016 # not the shell's variables
    sed 's/\${YAJL_MAJOR}/2/; s/\${YAJL_MINOR}/1/; s/\${YAJL_MICRO}/0/' \
        yajl/src/api/yajl_version.h.cmake >"$folder/include/yajl/yajl_version.h"
    archive yajl "$1" yajl/src/*.c
    package yajl 2.1.0 "-I$folder/include/yajl -I$folder/include" "-L$folder/lib -lyajl"
}

# with_cmake SOURCE OPTION...: builds a static library
with_cmake() {
    cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
        -DBUILD_SHARED_LIBS=OFF -DCMAKE_INSTALL_PREFIX="$folder" -DCMAKE_INSTALL_LIBDIR=lib "${@:2}"
    cmake --build "$1/build"
    cmake --install "$1/build"
}

# build_jansson OPTION-OF-CMAKE...
build_jansson() {
    fetch "${jansson[@]}"
    with_cmake jansson -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON -DJANSSON_EXAMPLES=OFF "$@"
}

# p11-kit's pkcs11.h is this machine's
package_p11_kit() {
    package p11-kit-1 "$(pkg-config --modversion p11-kit-1)" "$(pkg-config --cflags p11-kit-1)" ""
    printf '%s=%s\n' p11_module_path /usr/lib/pkcs11 \
        p11_module_configs /usr/share/p11-kit/modules >>"$folder/lib/pkgconfig/p11-kit-1.pc"
}
