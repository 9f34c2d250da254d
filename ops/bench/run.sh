#!/usr/bin/env bash
# Measures the whole line beside what the machine could do and beside a naive design, in one run, durability on, on a
# PostgreSQL and a RabbitMQ of its own. Prints a table; the last line is JSON.
#
#   ops/bench/run.sh [--only memory,rabbit,limit,http,naive,latency,start] [--rate 1000,2000] [--warm S] [--measured S]
#   ops/bench/run.sh --editions [--records 1000000]       a bulletin over so many records, verified, and a rebuild of them
#   ops/bench/run.sh --reports [--rows 1000000,10000000] [--results FILE]   every report over so many records (10 million need 25 GB)
#   ops/bench/run.sh --decide                               one decision by BenchmarkDotNet: time and bytes, no database
#   ops/bench/run.sh --lookup                               how long a person waits who looks something up in the catalogue
#   ops/bench/run.sh --keys [--rows 10000000,100000000]     the table of identities as it grows (100 million need 60 GB)
#   ops/bench/run.sh --timemachine [--rows 1000000]          a changed catalogue previewed twice, released and undone over so many records
set -euo pipefail
cd "$(dirname "$0")/../.."
case "${1:-}" in -h|--help) sed -n '2,/^set -/{/^#/p}' "$0" | cut -c3-; exit ;; esac
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
if [ "${1:-}" = --decide ]; then
  dotnet build ops/bench/Traffic.Bench -c Release -v q -nologo >&2
  exec dotnet ops/bench/Traffic.Bench/bin/Release/net10.0/Traffic.Bench.dll decide
fi
verb=all
[ "${1:-}" = --keys ] && { verb=keys; shift; }
[ "${1:-}" = --lookup ] && { verb=lookup; shift; }
[ "${1:-}" = --timemachine ] && { verb=timemachine; shift; }
[ "${1:-}" = --reports ] && { verb=reports; shift; }
[ "${1:-}" = --editions ] && { verb=editions; shift; }

folder="${TRAFFIC_BENCH_FOLDER:-$(mktemp -d "${TMPDIR:-/tmp}/traffic-bench-XXXXXX")}"
trap 'ops/dev-services.sh stop --folder "$folder" >/dev/null; [ -n "${TRAFFIC_BENCH_FOLDER:-}" ] || rm -rf "$folder"' EXIT
dotnet build ops/bench/Traffic.Bench -c Release -v q -nologo >&2
dotnet build src/Traffic.Host -c Release -v q -nologo --no-restore >&2
export POSTGRES_OPTIONS="-c shared_buffers=1GB -c max_wal_size=8GB -c min_wal_size=1GB -c checkpoint_timeout=30min -c fsync=on -c synchronous_commit=on"
eval "$(ops/dev-services.sh start --folder "$folder")"
dotnet ops/bench/Traffic.Bench/bin/Release/net10.0/Traffic.Bench.dll "$verb" --services "$folder" "$@"
