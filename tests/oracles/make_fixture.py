#!/usr/bin/env python3
"""Trains the small byte-level BPE of tests/DftNative.Tests/Fixtures/tokenizer (Qwen2's pipeline, 1 000 merges).

Usage: python3 tests/oracles/make_fixture.py TEXT.jsonl FOLDER
The merges are those of the words' most frequent pairs; ties go to the lesser pair, so that the result is reproducible.
"""
import collections
import json
import re
import sys

MERGES = 1000
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
PLAIN = ["<think>", "</think>"]
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
# The same words for the ASCII text that it is trained on.
ASCII = re.compile(r"'(?i:s|t|re|ve|m|ll|d)|[^\r\na-zA-Z0-9]?[a-zA-Z]+|[0-9]| ?[^\sa-zA-Z0-9]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

printable = [*range(33, 127), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
alphabet = {value: chr(value) for value in printable}
for index, value in enumerate(value for value in range(256) if value not in alphabet):
    alphabet[value] = chr(256 + index)

words = collections.Counter()
for line in open(sys.argv[1], encoding="utf-8"):
    for text in json.loads(line).values():
        if isinstance(text, str) and text.isascii():
            words.update(ASCII.findall(text))
words = [([alphabet[value] for value in word.encode()], count) for word, count in sorted(words.items())]

vocabulary = {alphabet[value]: i for i, value in enumerate(printable + [v for v in range(256) if v not in printable])}
merges = []
while len(merges) < MERGES:
    pairs = collections.Counter()
    for symbols, count in words:
        for pair in zip(symbols, symbols[1:]):
            pairs[pair] += count
    best = min(pairs, key=lambda pair: (-pairs[pair], pair))
    merged = best[0] + best[1]
    merges.append(list(best))
    vocabulary.setdefault(merged, len(vocabulary))
    for symbols, _ in words:
        i = 0
        while i + 1 < len(symbols):
            if symbols[i] == best[0] and symbols[i + 1] == best[1]:
                symbols[i:i + 2] = [merged]
            i += 1

flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
added = [{"id": len(vocabulary) + i, "content": token, **flags, "special": token in SPECIAL} for i, token in enumerate(SPECIAL + PLAIN)]
byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
tokenizer = {
    "version": "1.0", "truncation": None, "padding": None, "added_tokens": added, "normalizer": {"type": "NFC"},
    "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}, byte_level]},
    "post_processor": byte_level, "decoder": byte_level,
    "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "", "end_of_word_suffix": "",
              "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocabulary, "merges": merges},
}
with open(f"{sys.argv[2]}/tokenizer.json", "w", encoding="utf-8") as file:
    json.dump(tokenizer, file, ensure_ascii=False)
    file.write("\n")
