#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# zig.sh ZIG FOLDER TARGET: builds what the module needs on another system with `zig cc -target TARGET`,
# from Debian's sources, and keeps it in FOLDER. The headers of OpenSSL, uthash and p11-kit are this
# machine's; for macOS, stubs.py makes stubs of the libraries that a Mac has.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
zig=$1
folder=$2
target=$3

made=$(echo "$target" | cat "$here/zig.sh" "$here/libraries.sh" "$here"/../macos/include/*/*.h "$here/../macos/stubs.py" - | sha256sum)
[ -e "$folder/made" ] && [ "$(cat "$folder/made")" = "$made" ] && exit
# shellcheck source=tests/ports/libraries.sh
. "$here/libraries.sh"
rm -rf "$folder"
mkdir -p "$folder/include" "$folder/lib/pkgconfig"

work=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-zig.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# a compiler of one word, for CMake
printf '#!/bin/sh\nexec "%s" cc -target %s "$@"\n' "$zig" "$target" >"$folder/cc"
chmod +x "$folder/cc"

# hidden: the module exports its own three functions alone
compile=("$folder/cc" -O2 -w -fPIC -fvisibility=hidden "-I$folder/include")
fetch "${jansson[@]}"
cmake -S jansson -B jansson/build -G Ninja -DJANSSON_BUILD_DOCS=OFF -DJANSSON_WITHOUT_TESTS=ON \
    -DJANSSON_EXAMPLES=OFF >/dev/null # for its headers, which are the same on each 64-bit system
cp jansson/build/include/*.h "$folder/include"
compile+=(-DHAVE_CONFIG_H "-I$work/jansson/build/private_include")
sed -i '/HAVE_SYS_PARAM_H\|HAVE_ENDIAN_H\|USE_URANDOM\|HAVE_SCHED_YIELD/d' \
    jansson/build/private_include/jansson_private_config.h
archive jansson llvm-ar jansson/src/*.c
package jansson 2.14 "-I$folder/include" "-L$folder/lib -ljansson"
build_yajl llvm-ar
package_p11_kit
cp -rL /usr/include/openssl "/usr/include/$(gcc -print-multiarch)/openssl" /usr/include/uthash.h \
    /usr/include/utlist.h "$folder/include"

case $target in
*-macos*)
    brew=/opt/homebrew
    [[ $target = x86_64-* ]] && brew=/usr/local
    python3 -B "$here/../macos/stubs.py" "$here/../macos/include" "$folder" "$brew"
    cp -rL "/usr/include/$(gcc -print-multiarch)/curl" /usr/include/expat.h \
        /usr/include/expat_external.h "$folder/include"
    sed -i "s|^Libs:.*|Libs: -L$folder/lib -lp11-kit|" "$folder/lib/pkgconfig/p11-kit-1.pc"
    package libcurl "$(pkg-config --modversion libcurl)" "-I$folder/include" "-L$folder/lib -lcurl"
    ;;
esac
echo "$made" >"$folder/made"
