"""Encodes every line of a file, each a JSON string, with SentencePiece, and decodes the ids again.

Usage: python3 sentencepiece_encode.py MODEL INPUT OUTPUT; a line of OUTPUT is {"ids": […], "special": […], "text": "…"}.
"""
import json
import sys

import sentencepiece

model_file, source, target = sys.argv[1:]
processor = sentencepiece.SentencePieceProcessor(model_file=model_file)
with open(source, encoding="utf-8") as texts, open(target, "w", encoding="utf-8") as output:
    for line in texts:
        ids = processor.encode(json.loads(line))
        output.write(json.dumps({"ids": ids, "special": [processor.bos_id(), *ids], "text": processor.decode(ids)}) + "\n")
