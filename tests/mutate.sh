#!/usr/bin/env bash
# Plants random faults in kernels, launchers and the planner and runs the tests that cover the file; lists the survivors. At least
# 95 % must die, and each survivor is explained in tests/DftNative.Mutation/equivalent.txt or gets a test.
#
#   bash tests/mutate.sh --seed S --count N [--files PART]      PART: only files with this in their path
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
{ cmake -S . -B build/cmake && cmake --build build/cmake --parallel; } > /dev/null
exec dotnet run -c Release --project tests/DftNative.Mutation -- "$@"
