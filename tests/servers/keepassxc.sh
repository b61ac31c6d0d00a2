#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# KeePassXC as the Secret Service of a private session; see session.sh for the usage. It runs without
# a display and exposes the root group of an empty database.
service_commands="keepassxc keepassxc-cli base64"
mode=unlocked

# shellcheck source=tests/servers/session.sh
. "$(dirname "$0")/session.sh"

password=sideseat

# The UUID of the exposed group in base64, as the database has it; FDO_SECRETS_EXPOSED_GROUP below
# has the same one in hexadecimal.
group_base64=ABEiM0RVZneImaq7zN3u/w==

service_prepare() {
    mkdir -p "$XDG_CONFIG_HOME/keepassxc"
    rm -f "$SIDESEAT_SESSION/secrets.kdbx"
    cat >"$SIDESEAT_SESSION/database.xml" <<END
<KeePassFile>
  <Meta>
    <CustomData><Item>
      <Key>FDO_SECRETS_EXPOSED_GROUP</Key>
      <Value>{00112233-4455-6677-8899-aabbccddeeff}</Value>
    </Item></CustomData>
  </Meta>
  <Root><Group><UUID>$group_base64</UUID><Name>sideseat</Name></Group></Root>
</KeePassFile>
END
    printf '%s\n%s\n' "$password" "$password" |
        keepassxc-cli import -p -t 100 "$SIDESEAT_SESSION/database.xml" \
            "$SIDESEAT_SESSION/secrets.kdbx" >"$SIDESEAT_SESSION/import.log" 2>&1 ||
        { cat "$SIDESEAT_SESSION/import.log" >&2; return 1; }
    # the window stays hidden in the tray: KeePassXC 2.7.10 crashes if it opens the database while it
    # shows its window
    cat >"$SIDESEAT_SESSION/keepassxc.ini" <<END
[General]
ConfigVersion=2
UpdateCheckMessageShown=true
AutoSaveAfterEveryChange=${SIDESEAT_KEEPASSXC_AUTOSAVE:-false}
AutoSaveOnExit=false
[GUI]
CheckForUpdates=false
ShowTrayIcon=true
MinimizeToTray=true
MinimizeOnStartup=true
[FdoSecrets]
Enabled=true
ShowNotification=false
ConfirmAccessItem=false
ConfirmDeleteItem=false
[Security]
LockDatabaseIdle=false
END
}

service_run() {
    set -- "$1" --config "$SIDESEAT_SESSION/keepassxc.ini" \
        --localconfig "$SIDESEAT_SESSION/keepassxc-local.ini" "$SIDESEAT_SESSION/secrets.kdbx"
    mode=$1
    shift
    printf '%s\n' "$password" >"$SIDESEAT_SESSION/password"
    QT_QPA_PLATFORM=offscreen
    # KeePassXC ends if a socket in these folders shows that it runs already: in another session, or
    # in this one before it was killed
    rm -rf "$SIDESEAT_SESSION/tmp" "$XDG_RUNTIME_DIR"/keepassxc.*
    mkdir "$SIDESEAT_SESSION/tmp"
    TMPDIR=$SIDESEAT_SESSION/tmp
    export QT_QPA_PLATFORM TMPDIR
    [ "$mode" = unlocked ] || exec keepassxc "$@"
    exec keepassxc --pw-stdin "$@" <"$SIDESEAT_SESSION/password"
}

service_main "$@"
