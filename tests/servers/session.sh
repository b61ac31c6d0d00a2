# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# The scripts beside this one source it. Each runs a command inside a private session: a D-Bus daemon
# that starts no services by itself, one Secret Service on it, and folders that it removes at the end.
#
#     gnome-keyring.sh [--locked | --stopped] COMMAND ARGUMENT...
#
# --locked: the default collection is locked. --stopped: the service is not started. The command
# finds DBUS_SESSION_BUS_ADDRESS, HOME and the XDG folders in its environment, and in
# SIDESEAT_SERVICE the path of the script, which it can call to change the service while it runs:
#
#     $SIDESEAT_SERVICE --start | --start-locked | --fresh | --start-empty
#     $SIDESEAT_SERVICE --kill | --freeze | --thaw | --pid
#
# The first four return when the service answers; --fresh removes every stored secret first, and
# --start-empty the default collection, too (gnome-keyring only). The exit status is the command's; 77
# if the service is not installed, or 1 with CI=true.
#
# A script defines service_commands (the programs that it needs), service_prepare (runs once), and
# service_run MODE (executes the daemon in the foreground; MODE is unlocked, locked, empty, or one
# that service_prepare uses). It may define service_unlock.
set -eu

: "${service_commands:=}"

# Unlocks a service that starts locked although it has the password.
service_unlock() {
    :
}

service_missing() {
    echo "$0: $1 is not installed" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 77
}

# Calls the service and prints its answer as dbus-send does.
service_call() {
    path=$1 method=$2
    shift 2
    dbus-send --session --print-reply=literal --reply-timeout=2000 \
        --dest=org.freedesktop.secrets "$path" "org.freedesktop.Secret.$method" "$@"
}

# Prints the path of the default collection; / if there is none.
service_collection() {
    answer=$(service_call /org/freedesktop/secrets Service.ReadAlias string:default 2>/dev/null) ||
        return 1
    echo "${answer##* }"
}

# Prints the state of the default collection: ready, locked, or none if it does not exist. Prints
# nothing while the service does not answer.
service_state() {
    path=$(service_collection) || return 0
    if [ "$path" = / ]; then
        echo none
        return 0
    fi
    case $(dbus-send --session --print-reply=literal --reply-timeout=2000 \
        --dest=org.freedesktop.secrets "$path" org.freedesktop.DBus.Properties.Get \
        string:org.freedesktop.Secret.Collection string:Locked 2>/dev/null) in
    *false*) echo ready ;;
    *true*) echo locked ;;
    esac
}

# Starts the daemon in MODE and waits until the default collection is in STATE.
service_start() {
    (service_run "$1") >"$SIDESEAT_SESSION/service.log" 2>&1 </dev/null &
    echo $! >"$SIDESEAT_SESSION/pid"
    tries=0
    until state=$(service_state) && [ "$state" = "$2" ]; do
        if [ "$state" = locked ] && [ "$1" = unlocked ]; then
            service_unlock
        fi
        tries=$((tries + 1))
        if [ $tries -gt 600 ] || ! kill -0 "$(cat "$SIDESEAT_SESSION/pid")" 2>/dev/null; then
            echo "$0: the service did not get $2:" >&2
            cat "$SIDESEAT_SESSION/service.log" >&2
            return 1
        fi
        sleep 0.05
    done
}

service_kill() {
    [ -f "$SIDESEAT_SESSION/pid" ] || return 0
    kill -KILL "$(cat "$SIDESEAT_SESSION/pid")" 2>/dev/null || true
    rm -f "$SIDESEAT_SESSION/pid"
}

# Stops the service and removes everything that it stored.
service_forget() {
    service_kill
    rm -rf "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"
    mkdir -p "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"
}

session_end() {
    service_kill
    [ -z "${session_bus:-}" ] || kill "$session_bus" 2>/dev/null || true
    rm -rf "$SIDESEAT_SESSION"
}

# Starts a private bus. Its only folder of services is empty, so that the bus activates a service only
# if a test puts a file there.
session_begin() {
    SIDESEAT_SESSION=$(mktemp -d "${TMPDIR:-/tmp}/sideseat-session.XXXXXX")
    SIDESEAT_SERVICE=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
    HOME=$SIDESEAT_SESSION/home
    XDG_RUNTIME_DIR=$SIDESEAT_SESSION/run
    XDG_DATA_HOME=$HOME/.local/share
    XDG_CONFIG_HOME=$HOME/.config
    XDG_CACHE_HOME=$HOME/.cache
    export SIDESEAT_SESSION SIDESEAT_SERVICE HOME XDG_RUNTIME_DIR XDG_DATA_HOME XDG_CONFIG_HOME \
        XDG_CACHE_HOME
    unset DISPLAY WAYLAND_DISPLAY SIDESEAT_CONFIG SIDESEAT_DATA_DIR SIDESEAT_SECRETS_BACKEND
    mkdir "$SIDESEAT_SESSION/services"
    mkdir -p "$HOME" "$XDG_RUNTIME_DIR" "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_CACHE_HOME"
    chmod 700 "$XDG_RUNTIME_DIR"
    cat >"$SIDESEAT_SESSION/bus.conf" <<END
<busconfig>
  <type>session</type>
  <listen>unix:path=$XDG_RUNTIME_DIR/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>$SIDESEAT_SESSION/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
END
    DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
    export DBUS_SESSION_BUS_ADDRESS
    # The bus prints its address once it accepts connections; read waits for that.
    mkfifo "$SIDESEAT_SESSION/ready"
    dbus-daemon --nofork --config-file="$SIDESEAT_SESSION/bus.conf" --print-address=3 \
        3>"$SIDESEAT_SESSION/ready" 2>"$SIDESEAT_SESSION/bus.log" &
    session_bus=$!
    read -r _ <"$SIDESEAT_SESSION/ready"
}

service_main() {
    for command in dbus-daemon dbus-send ${service_commands}; do
        command -v "$command" >/dev/null || service_missing "$command"
    done
    case ${1:-} in
    --start) service_start unlocked ready; exit ;;
    --start-locked) service_start locked locked; exit ;;
    --fresh)
        service_forget
        service_prepare
        service_start unlocked ready
        exit
        ;;
    --start-empty)
        service_forget
        service_start empty none
        exit
        ;;
    --kill) service_kill; exit ;;
    --freeze) kill -STOP "$(cat "$SIDESEAT_SESSION/pid")"; exit ;;
    --thaw) kill -CONT "$(cat "$SIDESEAT_SESSION/pid")"; exit ;;
    --pid) cat "$SIDESEAT_SESSION/pid"; exit ;;
    esac
    mode=unlocked
    case ${1:-} in
    --locked) mode=locked; shift ;;
    --stopped) mode=stopped; shift ;;
    esac
    session_begin
    trap session_end EXIT
    trap 'exit 143' INT TERM HUP
    service_prepare
    case $mode in
    unlocked) service_start unlocked ready ;;
    locked) service_start locked locked ;;
    esac
    "$@"
}
