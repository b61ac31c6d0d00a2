#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kwalletd5 as the Secret Service of a private session; see session.sh for the usage. kwallet-login.py
# opens the wallet with a key, as the login (pam_kwallet) would.
service_commands="kwalletd5 python3 secret-tool"
mode=unlocked

# shellcheck source=tests/servers/session.sh
. "$(dirname "$0")/session.sh"

# The first run makes the wallet, but does not offer it on the bus; the second run does.
service_prepare() {
    cat >"$XDG_CONFIG_HOME/kwalletrc" <<END
[Wallet]
Enabled=true
First Use=false
Default Wallet=kdewallet
Close When Idle=false

[org.freedesktop.secrets]
apiEnabled=true
END
    service_start first none
    service_kill
}

service_run() {
    QT_QPA_PLATFORM=offscreen
    export QT_QPA_PLATFORM
    [ "$1" != locked ] || exec kwalletd5
    exec python3 "$(dirname "$SIDESEAT_SERVICE")/kwallet-login.py" "$SIDESEAT_SESSION/login"
}

# The wallet reports "locked" until a client asks to unlock it, for which it needs no password.
# secret-tool asks.
service_unlock() {
    printf x | secret-tool store --label=unlock unlock unlock || return 0
    secret-tool clear unlock unlock || return 0
}

service_main "$@"
