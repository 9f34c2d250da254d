#!/usr/bin/env bash
# Everything that CI does: installs what the tests need where it may, builds, tests. The last line is
# `N passed, N failed, N skipped`. With CI=true a skipped test fails the run: the machine could have installed what it needs.
#
#   ops/test.sh             the plain run, at most 20 minutes on two cores
#   ops/test.sh --faults    kills and faults in full, at most 30 minutes; writes ops/faults/RESULTS.md
#   ops/test.sh --long      what takes longer: kills by the dozen, whole campaigns; writes ops/long/RESULTS.md
set -euo pipefail
cd "$(dirname "$0")/.."

mode=plain
case "${1:-}" in
    "") ;;
    --faults) mode=faults ;;
    --long) mode=long ;;
    *) sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en

find_in_path() { command -v "$1" >/dev/null 2>&1; }
have_postgres() { ls -d /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || find_in_path initdb; }
have_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || find_in_path rabbitmq-server; }
have_chromium() { find_in_path chromium || find_in_path chromium-browser || find_in_path google-chrome; }

if ! find_in_path dotnet; then
    echo "The .NET 10 SDK is missing: https://dotnet.microsoft.com/download/dotnet/10.0 (dotnet-sdk-10.0 of Microsoft's Debian feed)." >&2
    exit 3
fi

missing=()
have_postgres || missing+=(postgresql)
have_rabbitmq || missing+=(rabbitmq-server)
have_chromium || missing+=(chromium)
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && find_in_path apt-get; then
        echo "Installing for the tests: ${missing[*]}"
        # The tests start their own; the packages' services stay stopped.
        policy=/usr/sbin/policy-rc.d
        made=
        if ! [ -e "$policy" ]; then
            printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1
        fi
        apt-get update -qq >/dev/null || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null \
            || echo "apt could not install: ${missing[*]}. Tests that need them are skipped." >&2
        [ -z "$made" ] || rm -f "$policy"
    else
        echo "For the tests that need them, install: ${missing[*]}" >&2
        echo "  sudo apt-get install --no-install-recommends ${missing[*]}" >&2
    fi
fi

if [ "$mode" = faults ]; then
    exec bash ops/faults/run.sh
fi

results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT
filter='TestCategory!=Long'
[ "$mode" = long ] && filter='TestCategory=Long'

dotnet restore Traffic.sln --locked-mode -v q
dotnet build Traffic.sln -c Release --no-restore -v q -nologo
status=0
timeout --signal=INT 40m dotnet test Traffic.sln -c Release --no-build --nologo --filter "$filter" \
    --logger "console;verbosity=normal" --logger "trx;LogFilePrefix=run" --results-directory "$results" \
    | tee "$results/console.log" || status=$?

# A trx file names its counts; what did not run is total less executed.
passed=0 failed=0 skipped=0 found=0
count() { sed -n "s/.*<Counters .*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }
for file in "$results"/*.trx; do
    [ -e "$file" ] || continue
    found=1
    passed=$((passed + $(count passed "$file")))
    failed=$((failed + $(count failed "$file")))
    skipped=$((skipped + $(count total "$file") - $(count executed "$file")))
done
if [ "$found" = 0 ]; then
    echo "No test result was written." >&2
    failed=1
fi
if [ "$mode" = long ]; then
    mkdir -p ops/long
    {
        echo "# What takes longer"
        echo
        echo "\`ops/test.sh --long\`. $(date -u +%F), $(nproc) cores, $(. /etc/os-release && echo "$PRETTY_NAME"), .NET $(dotnet --list-runtimes | sed -n 's/^Microsoft.NETCore.App \([^ ]*\).*/\1/p' | tail -n 1)."
        echo
        echo "| test | result | time |"
        echo "|---|---|---|"
        sed -n 's/.*<UnitTestResult .*testName="\([^"]*\)".* duration="\([0-9:]*\)[^"]*".* outcome="\([^"]*\)".*/| \1 | \3 | \2 |/p' "$results"/*.trx | sed 's/&quot;/"/g' | tr _ ' ' | sort
        echo
        echo "$passed passed, $failed failed, $skipped skipped."
    } >ops/long/RESULTS.md
fi
if [ "$failed" != 0 ]; then
    status=1
    # Once more at the end, where they are found: a log of thousands of lines is cut in its middle.
    echo "Failed:"
    awk '/^  (Passed|Skipped) /{show=0} /^  Failed /{show=25} show-- > 0' "$results/console.log"
fi
if [ "$skipped" != 0 ] && [ "${CI:-}" = true ]; then
    echo "In CI no test may be skipped." >&2
    status=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$status"
