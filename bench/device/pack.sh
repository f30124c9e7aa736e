#!/usr/bin/env bash
# Makes one archive for a GPU machine that has no .NET and no network: the command line, the bench and the tests in one
# self-contained folder (the kernels' texts are in the library), the scripts beside them, and run.sh to run them all.
#
#   bash bench/device/pack.sh [ARCHIVE]      default build/device/dftnative-device.tar.xz; at most 40 MB, or exit 1
#
# There: tar xf dftnative-device.tar.xz && bash dftnative-device/run.sh OUT
# (without xz there: python3 -m tarfile -e dftnative-device.tar.xz)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
archive=$(realpath -m "${1:-build/device/dftnative-device.tar.xz}")
largest=$((40 * 1000 * 1000))
work=$PWD/build/device
folder=$work/dftnative-device

# Its own folder for intermediate files too: another build of this checkout may run at the same time.
rm -rf "$folder"
for project in src/DftNative.Train bench/DftNative.Bench tests/DftNative.Tests; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -p:ForDevice=true -p:PublishDocumentationFiles=false \
        --artifacts-path "$work/artifacts" -o "$folder/app" -v quiet -nologo
done
cp bench/device/{run.sh,join.py,transformers_check.py,tokenizers_check.py,rows.jsonl} "$folder"
cp -r bench/device/models "$folder/models"
mkdir -p "$folder/peers" "$folder/tokenizers" "$(dirname "$archive")"
cp bench/peers/{kernels,gpu_training}.py "$folder/peers"
for model in qwen2_5 llama3_1; do
    files=build/oracles/node_modules/@lenml/tokenizer-$model/models
    [ ! -d "$files" ] || cp -rL "$files" "$folder/tokenizers/$model"
done
{ git rev-parse HEAD 2> /dev/null || echo unknown; } | tr -d '\n' > "$folder/COMMIT"
[ -z "$(git status --porcelain 2> /dev/null)" ] || printf ' with changes' >> "$folder/COMMIT"

# The same tree gives the same archive. xz's fastest is smaller than gzip's best, and as fast.
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$work" -cf - dftnative-device | xz -1 > "$archive"
size=$(stat -c %s "$archive")
echo "$archive: $((size / 1000)) kB"
[ "$size" -le "$largest" ] || { echo "more than $largest bytes" >&2; exit 1; }
