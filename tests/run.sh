#!/usr/bin/env bash
# Builds the project and runs its tests; the last line is "N passed, N failed, N skipped".
#
#   bash tests/run.sh          the quick set: without the category Slow
#   bash tests/run.sh --all    everything: formatting, the slow tests, and the oracles they compare with
#
# Installs what is missing where it may (Debian packages as root); otherwise it says what to install, and the tests
# that need it are skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case "${1:-}" in
    "") all=false ;;
    --all) all=true ;;
    *) echo "usage: bash tests/run.sh [--all]" >&2; exit 2 ;;
esac

if ! command -v dotnet > /dev/null; then
    echo "The .NET 10 SDK is missing: install it (https://dotnet.microsoft.com/download) and put dotnet on the PATH." >&2
    exit 2
fi

# What is needed by whom, as "check:package": the check is a command, a file, a library's or a Python module's name.
wanted=(library/libopenblas.so.0:libopenblas0-pthread command/g++:g++ command/cmake:cmake command/make:make)
$all && wanted+=(module/torch:python3-torch module/numpy:python3-numpy module/sentencepiece:python3-sentencepiece command/npm:npm command/xz:xz-utils command/chromium:chromium file//usr/share/fonts/truetype/dejavu/DejaVuSans.ttf:fonts-dejavu-core)

has() {
    case "$1" in
        command/*) command -v "${1#*/}" > /dev/null ;;
        library/*) ldconfig -p 2> /dev/null | grep -q "${1#*/}" ;;
        file/*) [ -e "${1#*/}" ] ;;
        module/*) /usr/bin/python3 -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('${1#*/}') is None)" 2> /dev/null ;;
    esac
}

missing=()
for item in "${wanted[@]}"; do has "${item%%:*}" || missing+=("${item#*:}"); done
if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
        echo "Installing ${missing[*]}"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } > /dev/null \
            || echo "Could not install ${missing[*]}; the tests that need them are skipped." >&2
    else
        echo "Not here: ${missing[*]}. The tests that need them are skipped; on Debian: sudo apt-get install ${missing[*]}" >&2
    fi
fi

if $all; then
    bash tests/oracles/install.sh || echo "The tokenizer oracles could not be installed; the tests that need them are skipped." >&2
    bash tests/nvrtc/install.sh > /dev/null || echo "NVRTC could not be unpacked; the tests that need it are skipped." >&2
fi

failures=0
dotnet build -c Release DftNative.sln -v quiet -nologo || { echo "The build failed."; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
if $all && ! dotnet format DftNative.sln --verify-no-changes --no-restore --severity warn; then
    echo "FAILED: formatting (run: dotnet format)"
    failures=1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
filter=()
$all || filter=(--filter "TestCategory!=Slow")
tests/DftNative.Tests/bin/Release/net10.0/DftNative.Tests --progress off --ansi off "${filter[@]}" 2>&1 | tee "$log"
status=${PIPESTATUS[0]}

count() { sed -n "s/^  $1: //p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
[ -n "$passed" ] || { echo "The tests did not run to their end (exit status $status)."; passed=0 failed=1 skipped=0; }
failed=$((failed + failures))
# A runner that failed for another reason than a failed test is a failure too.
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
