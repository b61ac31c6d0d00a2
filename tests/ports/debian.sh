#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# debian.sh SECONDS ARGUMENT...: runs mmdebstrap, for at most so many seconds, and again after a pause
# if it fails: a mirror may not answer for a moment.
seconds=$1
shift
for pause in 10 30 0; do
    timeout "$seconds" mmdebstrap --quiet "$@" && exit 0
    sleep "$pause"
done
exit 1
