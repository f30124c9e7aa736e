#!/usr/bin/env python3
"""Trains the committed SentencePiece model on this repository's own texts (Debian's python3-sentencepiece).

Usage: /usr/bin/python3 tests/oracles/make_sentencepiece_fixture.py
"""
import glob
import io
import os

import sentencepiece

root = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
lines = []
for pattern in ("README.md", "src/**/*.cs", "tests/**/*.cs"):
    for name in sorted(glob.glob(os.path.join(root, pattern), recursive=True)):
        if "/obj/" not in name and "/bin/" not in name and ".g.cs" not in name:
            lines += [line for line in open(name, encoding="utf-8").read().splitlines() if line.strip()]
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(lines[:8000]), model_writer=model, model_type="bpe", vocab_size=2000, byte_fallback=True, character_coverage=0.999,
    normalization_rule_name="identity", remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, split_digits=True, num_threads=1, minloglevel=2)
folder = os.path.join(root, "tests", "DftNative.Tests", "Fixtures", "sentencepiece")
os.makedirs(folder, exist_ok=True)
open(os.path.join(folder, "tokenizer.model"), "wb").write(model.getvalue())
