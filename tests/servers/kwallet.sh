#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kwalletd5 as the Secret Service of a private session; see session.sh for the usage. The wallet is
# opened with the key that the login (pam_kwallet) would hand over; kwallet-login.py does that.
service_commands="kwalletd5 python3 secret-tool"
mode=unlocked

# shellcheck source=tests/servers/session.sh
. "$(dirname "$0")/session.sh"

# The first run makes the wallet, and does not show it yet.
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

# The wallet says that it is locked until somebody has asked for it to be unlocked, which it then
# is without asking for the password. secret-tool asks.
service_unlock() {
    printf x | secret-tool store --label=unlock unlock unlock || return 0
    secret-tool clear unlock unlock || return 0
}

service_main "$@"
