#!/usr/bin/env bash
# A CPU training step against the same step in PyTorch, one after the other on a machine that does nothing else, and the
# ratios of tokens/s and of peak resident memory. Needs Debian's python3-torch.
#
#   bash bench/cpu-training.sh [STEPS] [MICRO_BATCH_TOKENS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
steps=${1:-5} tokens=${2:-2048}
dotnet build -c Release bench/DftNative.Bench -v quiet -nologo
bench=bench/DftNative.Bench/bin/Release/net10.0/DftNative.Bench
"$bench" cpu-training "$steps" "$tokens"
ours=$("$bench" cpu-training "$steps" "$tokens" --json)
peer=$(/usr/bin/python3 bench/peers/cpu_training.py "$steps")
/usr/bin/python3 - "$ours" "$peer" <<'PYTHON'
import json
import sys

ours, peer = (json.loads(text) for text in sys.argv[1:])
print(f"{'':24}{'tokens/s':>10}{'peak GB':>10}")
for name, figures in (("DftNative", ours), (f"PyTorch {peer['torch']}, {peer['threads']} threads", peer)):
    print(f"{name:24}{figures['tokens_per_second']:10.0f}{figures['peak_bytes'] / 1e9:10.2f}")
print(f"{'ratio':24}{ours['tokens_per_second'] / peer['tokens_per_second']:10.2f}{ours['peak_bytes'] / peer['peak_bytes']:10.2f}")
PYTHON
