#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# dist.sh SOURCE NAME OUT: packs the committed files below NAME/ into OUT (.tar.gz). The same commit
# gives the same bytes everywhere: names in order, the commit's time, no user, no time of packing.
set -eu
git -C "$1" -c tar.umask=0022 archive --format=tar --prefix="$2/" HEAD >"$3.tar"
gzip -n -9 <"$3.tar" >"$3"
rm "$3.tar"
echo "$3"
