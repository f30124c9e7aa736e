#!/usr/bin/env bash
# A CPU training step against the same step in PyTorch: where our step's time goes, then rounds of both in turn, and the
# ratios of the medians of tokens/s and of peak resident memory. Needs Debian's python3-torch, and a machine that does
# nothing else.
#
#   bash bench/cpu-training.sh [ROUNDS] [MICRO_BATCH_TOKENS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-3} tokens=${2:-2048}
dotnet build -c Release bench/DftNative.Bench -v quiet -nologo
bench=bench/DftNative.Bench/bin/Release/net10.0/DftNative.Bench
"$bench" cpu-training 2 "$tokens"
results=$(mktemp)
trap 'rm -f "$results"' EXIT
for ((round = 0; round < rounds; round++)); do
    echo "ours $("$bench" cpu-training 3 "$tokens" --json)" >> "$results"
    echo "peer $(/usr/bin/python3 bench/peers/cpu_training.py 2)" >> "$results"
done
/usr/bin/python3 - "$results" <<'PYTHON'
import json
import statistics
import sys

runs = {"ours": [], "peer": []}
for line in open(sys.argv[1]):
    side, text = line.split(" ", 1)
    runs[side].append(json.loads(text))
median = {side: {key: statistics.median(run[key] for run in of_side) for key in ("tokens_per_second", "peak_bytes")} for side, of_side in runs.items()}
peer = runs["peer"][0]
print(f"{'':28}{'tokens/s':>10}{'peak GB':>10}   rounds, tokens/s")
for side, name in (("ours", "DftNative"), ("peer", f"PyTorch {peer['torch']}, {peer['threads']} threads")):
    rounds = ", ".join(f"{run['tokens_per_second']:.0f}" for run in runs[side])
    print(f"{name:28}{median[side]['tokens_per_second']:10.0f}{median[side]['peak_bytes'] / 1e9:10.2f}   {rounds}")
print(f"{'ratio':28}{median['ours']['tokens_per_second'] / median['peer']['tokens_per_second']:10.2f}{median['ours']['peak_bytes'] / median['peer']['peak_bytes']:10.2f}")
PYTHON
