#!/usr/bin/env bash
# PostgreSQL and RabbitMQ of our own on this machine, without containers: below one folder, on 127.0.0.1 alone, on ports of
# their own. Nothing of the system's services is touched; several folders stand beside each other.
#
#   ops/dev-services.sh start  [postgres|rabbitmq|all] [--folder DIR]   prints the connection strings as shell exports
#   ops/dev-services.sh stop   [postgres|rabbitmq|all] [--folder DIR]
#   ops/dev-services.sh status [postgres|rabbitmq|all] [--folder DIR]   exit 0 if all asked for run
#
# POSTGRES_OPTIONS adds settings, e.g. "-c shared_buffers=1GB". Started again, ports and data are kept.
set -euo pipefail

verb="${1:-}"; shift || true
what=all
folder="${TRAFFIC_DEV_FOLDER:-${TMPDIR:-/tmp}/traffic-dev-$(id -u)}"
while [ $# -gt 0 ]; do
    case "$1" in
        postgres|rabbitmq|all) what="$1" ;;
        --folder) folder="$2"; shift ;;
        *) echo "Unknown: $1. See the head of $0." >&2; exit 2 ;;
    esac
    shift
done
mkdir -p "$folder"
folder="$(cd "$folder" && pwd)"

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

# A number kept in the folder, made the first time.
kept() { [ -s "$folder/$1" ] || "${@:2}" >"$folder/$1"; cat "$folder/$1"; }
secret() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }
listens() { (: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
alive() { [ -s "$1" ] && kill -0 "$(head -n 1 "$1")" 2>/dev/null; }

# --- PostgreSQL: refuses root, so as root its programs run as an unprivileged user.
pg_bin() {
    local bin
    bin="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
    [ -n "$bin" ] || bin="$(dirname "$(command -v initdb || echo /nowhere/initdb)")"
    [ -x "$bin/initdb" ] || { echo "PostgreSQL is missing. Install it: apt-get install --no-install-recommends postgresql" >&2; exit 3; }
    echo "$bin"
}
pg_user() { if getent passwd postgres >/dev/null; then echo postgres; else echo nobody; fi; }
pg_run() { if [ "$(id -u)" = 0 ]; then (cd / && setpriv --reuid "$(pg_user)" --regid "$(id -g "$(pg_user)")" --clear-groups "$@"); else "$@"; fi; }

start_postgres() {
    local bin port password data="$folder/postgres"
    bin="$(pg_bin)"; port="$(kept postgres.port free_port)"; password="$(kept postgres.password secret)"
    chmod 600 "$folder/postgres.password"
    if ! [ -s "$data/PG_VERSION" ]; then
        rm -rf "$data"; mkdir -m 700 "$data"; chmod a+x "$folder"
        local pwfile; pwfile="$(mktemp)"; echo "$password" >"$pwfile"
        if [ "$(id -u)" = 0 ]; then chown "$(pg_user)" "$data" "$pwfile"; fi
        pg_run "$bin/initdb" -D "$data" -U traffic -A scram-sha-256 --pwfile="$pwfile" -E UTF8 --locale=C.UTF-8 \
            --data-checksums --no-instructions >/dev/null
        rm -f "$pwfile"
    fi
    local try
    for try in 1 2 3 4 5 6 7 8; do
        # After a kill -9 the old backends keep the shared memory for a moment.
        pg_run "$bin/pg_ctl" status -s -D "$data" >/dev/null 2>&1 && break
        pg_run "$bin/pg_ctl" start -s -w -t 120 -D "$data" -l "$data/server.log" \
            -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$data -c max_connections=200 -c timezone=UTC -c jit=off ${POSTGRES_OPTIONS:-}" \
            >/dev/null && break
        [ "$try" = 8 ] && { echo "PostgreSQL does not start; see $data/server.log" >&2; exit 1; }
        sleep 0.4
    done
    echo "export ConnectionStrings__Traffic='Host=127.0.0.1;Port=$port;Username=traffic;Password=$password;Database=postgres'"
}
stop_postgres() { [ -s "$folder/postgres/PG_VERSION" ] && pg_run "$(pg_bin)/pg_ctl" stop -s -m fast -w -D "$folder/postgres" || true; }
status_postgres() {
    if alive "$folder/postgres/postmaster.pid"; then echo "postgres runs, process $(head -n 1 "$folder/postgres/postmaster.pid"), port $(cat "$folder/postgres.port")"
    else echo "postgres does not run"; return 1; fi
}

# --- RabbitMQ: a node of its own name, with its own port mapper, cookie and folders, all on 127.0.0.1. Its schedulers do not
# spin while they wait (+sbwt none, as RabbitMQ's runtime guide advises where others share the processors).
rabbit_server() {
    local found
    for found in /usr/lib/rabbitmq/bin/rabbitmq-server "$(command -v rabbitmq-server || true)"; do
        [ -x "$found" ] && { echo "$found"; return; }
    done
    echo "RabbitMQ is missing. Install it: apt-get install --no-install-recommends rabbitmq-server" >&2; exit 3
}
start_rabbitmq() {
    local server port at="$folder/rabbitmq"
    server="$(rabbit_server)"
    port="$(kept rabbitmq.port free_port)"
    local epmd dist node
    epmd="$(kept rabbitmq.epmd free_port)"; dist="$(kept rabbitmq.dist free_port)"
    node="traffic_$port@localhost"
    if ! { alive "$at/pid" && listens "$port"; }; then
        mkdir -p "$at/log"; chmod 700 "$at"
        printf 'listeners.tcp.1 = 127.0.0.1:%s\nlog.console = false\nlog.file.level = warning\n' "$port" >"$at/rabbitmq.conf"
        echo '[].' >"$at/plugins"
        rm -f "$at/pid"
        env -i PATH="$PATH" LANG=C.UTF-8 HOME="$at" ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$epmd" \
            RABBITMQ_NODENAME="$node" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT="$port" RABBITMQ_DIST_PORT="$dist" \
            RABBITMQ_CONFIG_FILE="$at/rabbitmq" RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_ENABLED_PLUGINS_FILE="$at/plugins" \
            RABBITMQ_MNESIA_BASE="$at/data" RABBITMQ_LOG_BASE="$at/log" RABBITMQ_PID_FILE="$at/pid" \
            RABBITMQ_GENERATED_CONFIG_DIR="$at/config" \
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none" \
            setsid "$server" >"$at/out" 2>&1 </dev/null &
        local n
        for n in $(seq 1 300); do
            [ -s "$at/pid" ] && listens "$port" && break
            [ "$n" = 300 ] && { echo "RabbitMQ does not start; see $at/out and $at/log" >&2; exit 1; }
            sleep 0.2
        done
    fi
    echo "export ConnectionStrings__RabbitMq='amqp://guest:guest@127.0.0.1:$port'"
}
stop_rabbitmq() {
    local at="$folder/rabbitmq" n
    if alive "$at/pid"; then
        kill "$(cat "$at/pid")"
        for n in $(seq 1 100); do alive "$at/pid" || break; sleep 0.1; done
        alive "$at/pid" && kill -9 "$(cat "$at/pid")"
    fi
    rm -f "$at/pid"
    local epmd; epmd="$(ls -d /usr/lib/erlang/erts-*/bin/epmd 2>/dev/null | head -n 1 || true)"
    [ -s "$folder/rabbitmq.epmd" ] && [ -x "${epmd:-}" ] \
        && ERL_EPMD_ADDRESS=127.0.0.1 "$epmd" -port "$(cat "$folder/rabbitmq.epmd")" -kill >/dev/null 2>&1 || true
}
status_rabbitmq() {
    if alive "$folder/rabbitmq/pid" && listens "$(cat "$folder/rabbitmq.port")"; then
        echo "rabbitmq runs, process $(cat "$folder/rabbitmq/pid"), port $(cat "$folder/rabbitmq.port")"
    else echo "rabbitmq does not run"; return 1; fi
}

services() { if [ "$what" = all ]; then echo postgres rabbitmq; else echo "$what"; fi; }
case "$verb" in
    start|stop) for service in $(services); do "${verb}_$service"; done ;;
    status) ok=0; for service in $(services); do "status_$service" || ok=1; done; exit $ok ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
