#!/usr/bin/env bash
# Everything that only a GPU can say, as far as nine minutes go (the rest by naming its sections): to be run where pack.sh's archive was unpacked, on a machine
# with a driver, CUDA, and Python with PyTorch and transformers. It needs no .NET and no network.
#
#   bash run.sh OUT [SECTION…]      sections: doctor tests sanitizer gradients transformers kernels tokenizers training decode ncu
#
# OUT gets at most 8 files, each written as its section ends; summary.txt is also the last that is printed. A section that
# cannot run says why in one line. An emulated device (DFTNATIVE_CUDA_HOME naming the emulator) has every section that
# goes there run at small shapes, to try this script; none of its times is written. PYTHON names another Python than python3.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
app=$here/app
python=${PYTHON:-python3}
limit=530

# name:budget in seconds:file
all=(doctor:25:doctor.txt tests:90:tests.txt sanitizer:90:tests.txt gradients:30:correctness.txt
     transformers:45:correctness.txt tokenizers:20:correctness.txt kernels:165:kernels.txt training:160:training.txt decode:60:training.txt ncu:30:ncu.txt)

result() { echo "RESULT: $*"; }
skip() { result "not run: $*"; exit 3; }
some_gpu() { [ "$device" != none ] || skip "no GPU: $("$app/DftNative.Bench" device 2>&1 | head -n 1)"; }
gpu() { some_gpu; [ "$device" = real ] || skip "$1 needs a GPU, and this one is emulated"; }
module() { "$python" -c "import $1" 2> /dev/null || skip "$python has no $1"; }

section_doctor() {
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2> /dev/null || echo "no nvidia-smi"
    "$app/DftNative.Train" doctor
    local status=$?
    if "$app/DftNative.Train" doctor --help | grep -q -- --selftest; then
        [ "$device" = none ] || "$app/DftNative.Train" doctor --selftest || { result "the self-test of the PTX wrappers failed"; return 1; }
        result "exit $status$([ "$device" = none ] || echo ", self-test passed")"
    else
        result "exit $status, no self-test in this build"
    fi
}

# The counts of a run of the tests.
counts() { sed -n "s/^  \(failed\|succeeded\|skipped\): /\1 /p" "$1" | paste -sd ' '; }

section_tests() {
    some_gpu
    # Slow ones compare with PyTorch from a checkout; the section transformers does that here.
    local filter='TestCategory=Gpu&TestCategory!=Slow' required=1
    [ "$device" = real ] || { filter='FullyQualifiedName~BFloat16KernelTests|FullyQualifiedName~GradientNormTests' required=; }
    DFTNATIVE_REQUIRE_GPU=$required "$app/DftNative.Tests" --progress off --ansi off --filter "$filter" | tee "$scratch/tests.log"
    local status=${PIPESTATUS[0]}
    result "$(counts "$scratch/tests.log")"
    return "$status"
}

section_sanitizer() {
    gpu compute-sanitizer
    local sanitizer
    sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda*/bin/compute-sanitizer 2> /dev/null | head -n 1)
    [ -n "$sanitizer" ] || skip "compute-sanitizer is not installed"
    local tool errors words=() failed=0
    for tool in memcheck racecheck synccheck initcheck; do
        # Tests of orders run each kernel again, and those of bytes are the emulator's.
        DFTNATIVE_REQUIRE_GPU=1 timeout -k 2 21 "$sanitizer" --tool "$tool" --error-exitcode 99 --print-limit 20 "$app/DftNative.Tests" --progress off --ansi off \
            --filter 'TestCategory=Gpu&TestCategory!=Slow&FullyQualifiedName!~Order&FullyQualifiedName!~EndToEnd' > "$scratch/$tool.log" 2>&1
        local status=$?
        errors=$(grep -cE '^=========.*(Invalid|Misaligned|hazard|Barrier error|Uninitialized|Program hit)' "$scratch/$tool.log")
        echo "== $tool, exit $status"
        grep '^=========' "$scratch/$tool.log" | head -n 60
        words+=("$tool $errors errors$(case $status in 0) ;; 124) echo ' until its time was up' ;; *) echo ", exit $status" ;; esac)")
        # Without an error the status is that of the tests.
        [ "$errors" -eq 0 ] && [ $status -eq 0 -o $status -eq 124 ] || failed=1
    done
    result "$(printf '%s; ' "${words[@]}" | sed 's/; $//')"
    return $failed
}

# $1: an architecture; its weights and our gradients go to the scratch folder.
own_gradients() {
    "$app/DftNative.Bench" initialize "$here/models/$1" "$scratch/$1" &&
        "$app/DftNative.Train" check-gradients --model "$scratch/$1" --data "$here/rows.jsonl" --device cuda --tolerance 0.25 --dump "$scratch/$1.safetensors"
}

section_gradients() {
    some_gpu
    local model failed=()
    for model in "$here"/models/*/; do
        model=$(basename "$model")
        echo "== $model"
        own_gradients "$model" || failed+=("$model")
    done
    result "$([ ${#failed[@]} -eq 0 ] && echo "every architecture within 0.25 of fp64" || echo "failed: ${failed[*]}")"
    [ ${#failed[@]} -eq 0 ]
}

section_transformers() {
    some_gpu
    module torch
    module transformers
    local model models=()
    for model in "$here"/models/*/; do
        model=$(basename "$model")
        own_gradients "$model" > "$scratch/$model.log" 2>&1 || { tail -n 2 "$scratch/$model.log"; }
        [ -e "$scratch/$model.safetensors" ] && models+=("$model")
    done
    [ ${#models[@]} -gt 0 ] || { result "no gradients of ours"; return 1; }
    "$python" "$here/transformers_check.py" "$scratch" "$here/rows.jsonl" "${models[@]}"
}

section_tokenizers() {
    module transformers
    "$python" "$here/tokenizers_check.py" "$app" "$here/tokenizers"
}

section_kernels() {
    some_gpu
    local failed=0
    if [ "$device" = emulated ]; then
        "$app/DftNative.Bench" kernels --verify --shapes qwen2.5-1.5b,arena --json "$out/kernels.json" || failed=1
        local dry=--dry-run
    else
        timeout -k 2 110 "$app/DftNative.Bench" kernels --json "$out/kernels.json" || failed=1
        local dry="--seconds 40"
    fi
    "$python" -c 'import torch' 2> /dev/null && timeout -k 2 50 "$python" "$here/peers/kernels.py" --json "$scratch/peers.json" $dry
    [ -e "$out/kernels.json" ] || { result "no kernel ran"; return 1; }
    "$python" "$here/join.py" "$out/kernels.json" "$scratch/peers.json" || failed=1
    return $failed
}

# Each run of ours with PyTorch's right after it; $1: model:tokens of a pass:tokens of a row.
train_beside_peer() {
    local model tokens row rate peer
    IFS=: read -r model tokens row <<< "$1"
    "$app/DftNative.Bench" gpu-training "$model" 3 "$tokens" "$row" | tee "$scratch/training.log"
    [ "${PIPESTATUS[0]}" = 0 ] || return 1
    [ "$device" = real ] || return 0
    rate=$(sed -n 's/^.*; \([0-9]*\) tokens\/s.*), \(.*\)/\1 tokens\/s, \2/p' "$scratch/training.log")
    "$python" -c 'import torch, transformers' 2> /dev/null &&
        timeout -k 2 45 "$python" "$here/peers/gpu_training.py" "$model" 3 "$tokens" "$row" 2>&1 | tee "$scratch/peer.log"
    peer=$(sed -n 's/^\([0-9]*\) tokens\/s$/\1/p' "$scratch/peer.log" 2> /dev/null | tail -n 1)
    rm -f "$scratch/peer.log"
    rates+=("$model $row $rate, PyTorch ${peer:-not measured}${peer:+, ratio $(awk "BEGIN { printf \"%.2f\", ${rate%% *} / $peer }")}")
}

# The end of a section of several models: reads its caller's `failed` and `rates`.
models_ran() { # words before the rates
    if [ ${#failed[@]} -gt 0 ]; then
        result "failed: ${failed[*]}"
    elif [ "$device" = emulated ]; then
        result "reduced 7B and 1.5B ran"
    else
        result "${1-}$(printf '%s; ' "${rates[@]}" | sed 's/; $//')"
    fi
    [ ${#failed[@]} -eq 0 ]
}

section_training() {
    some_gpu
    local failed=() rates=() run
    for run in qwen2.5-7b:4096:4096 qwen2.5-7b:4096:1024 qwen2.5-1.5b:8192:2048; do
        train_beside_peer "$run" || failed+=("$run")
    done
    models_ran
}

# Sampling, a model after the other; each line of a batch size ends with its ratio to the time of reading.
section_decode() {
    some_gpu
    local model failed=() rates=()
    for model in qwen2.5-7b qwen2.5-1.5b; do
        "$app/DftNative.Bench" gpu-decode "$model" 512 128 16 > "$scratch/decode.log" 2>&1 || failed+=("$model")
        cat "$scratch/decode.log"
        rates+=("$model $(sed -n 's/^  batch *\([0-9]*\):.*, ratio \(.*\)/\1: \2/p; s/^  \(16 samples.*\)/\1/p' "$scratch/decode.log" | paste -sd , | sed 's/,/, /g')")
    done
    models_ran 'step to reading weights and cache: '
}

section_ncu() {
    gpu ncu
    local ncu
    ncu=$(command -v ncu || ls /usr/local/cuda*/bin/ncu /opt/nvidia/nsight-compute/*/ncu 2> /dev/null | head -n 1)
    [ -n "$ncu" ] || skip "ncu is not installed"
    [ -e "$out/kernels.json" ] || skip "it profiles the slowest rows of kernels.json, and there is none"
    local row
    for row in $("$python" "$here/join.py" --slowest 3 "$out/kernels.json"); do
        echo "== $row"
        # The kernels of a row begin with its operation's first word.
        timeout -k 2 20 "$ncu" --section SpeedOfLight --section MemoryWorkloadAnalysis --section Occupancy --section LaunchStats \
            --kernel-name "regex:^${row%%_*}" --launch-count 2 --kill yes "$app/DftNative.Bench" kernels --filter "$row" 2>&1 | tee "$scratch/ncu.log"
        grep -q ERR_NVGPUCTRPERM "$scratch/ncu.log" && skip "the driver gives counters to administrators alone (ERR_NVGPUCTRPERM)"
    done
    result "profiled"
}

if [ "${1:-}" = --section ]; then
    name=$2 out=$3 scratch=$4 device=$5
    "section_$name"
    exit
fi

[ $# -ge 1 ] || { sed -n '2,6p' "${BASH_SOURCE[0]}" >&2; exit 2; }
[ -x "$app/DftNative.Bench" ] || { echo "$app is not there: unpack the archive that pack.sh makes, and run the run.sh in it" >&2; exit 2; }
out=$1
shift
mkdir -p "$out"
out=$(cd "$out" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 PYTHONUNBUFFERED=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1

wanted=" $* "
for name in "$@"; do
    [[ " ${all[*]}" == *" $name:"* ]] || { echo "no section $name" >&2; exit 2; }
done

device=real
description=$("$app/DftNative.Bench" device 2>&1) || device=none
description=${description%%$'\n'*}
[[ "$description" != EMULATED* ]] || device=emulated
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader 2> /dev/null | head -n 1)
{
    echo "device: $description"
    echo "driver: ${driver:-none}"
    echo "commit: $(cat "$here/COMMIT")"
    [ "$device" = emulated ] && echo "The device is emulated: nothing here says how fast anything is."
    echo
} > "$out/summary.txt"

failures=0
for entry in "${all[@]}"; do
    IFS=: read -r name budget file <<< "$entry"
    [ -z "${wanted// /}" ] || [[ "$wanted" == *" $name "* ]] || continue
    left=$((limit - SECONDS))
    if ((left < 15)); then
        printf '%-13s %4s  not run: the time is used up\n' "$name" "" | tee -a "$out/summary.txt"
        continue
    fi
    begin=$SECONDS
    timeout -k 5 $((budget < left ? budget : left)) bash "${BASH_SOURCE[0]}" --section "$name" "$out" "$scratch" "$device" > "$scratch/$name.txt" 2>&1
    status=$?
    line=$(sed -n 's/^RESULT: //p' "$scratch/$name.txt" | tail -n 1)
    case $status in
        0) verdict=${line:-done} ;;
        3) verdict=$line ;;
        124 | 137) verdict="STOPPED after $budget s${line:+: $line}" ;;
        *) verdict="FAILED (exit $status)${line:+: $line}" ;;
    esac
    [ $status = 0 ] || [ $status = 3 ] || failures=$((failures + 1))
    { echo "=== $name"; cat "$scratch/$name.txt"; echo; } >> "$out/$file"
    seconds="$((SECONDS - begin)) s"
    [ "$device" = emulated ] && seconds=
    printf '%-13s %5s  %s\n' "$name" "$seconds" "$verdict" | tee -a "$out/summary.txt"
done
echo
cat "$out/summary.txt"
[ $failures = 0 ]
