#!/usr/bin/env bash
# Kills everything in turn with kill -9 while a campaign is being sent, and then counts. Writes RESULTS.md beside this file.
#
#   ops/faults/run.sh [--seed N] [--kills N]      the last line is `N passed, N failed, 0 skipped`
set -euo pipefail
cd "$(dirname "$0")/../.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
folder="$(mktemp -d "${TMPDIR:-/tmp}/traffic-faults-XXXXXX")"
trap 'ops/dev-services.sh stop --folder "$folder" >/dev/null; rm -rf "$folder"' EXIT
dotnet build ops/bench/Traffic.Bench -c Release -v q -nologo >&2
dotnet build src/Traffic.Host -c Release -v q -nologo --no-restore >&2
eval "$(ops/dev-services.sh start --folder "$folder")"
dotnet ops/bench/Traffic.Bench/bin/Release/net10.0/Traffic.Bench.dll faults --services "$folder" --results ops/faults/RESULTS.md "$@"
