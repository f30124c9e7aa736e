"""Our tokenizers and chat templates against transformers, for every tokenizer that is here.

    python3 tokenizers_check.py APP FOLDER

Looks for tokenizer.json in FOLDER's folders and in the Hugging Face cache.
"""

import glob
import json
import os
import subprocess
import sys
import tempfile

from transformers import AutoTokenizer

TEXTS = [
    "Hello, world!", " leading and trailing  ", "tabs\tand\n\nnew lines\r\n", "3.14159 and 1,000,000 and ½", "naïve café Ωmega Привет 你好 日本語 👩‍👩‍👧",
    "def f(x):\n    return x**2  # comment", "<|im_start|>user\nhi<|im_end|>", "it's we'll I'D they'VE", "\u00a0\u200b\u3000 odd spaces", "e\u0301 combining",
]
SYSTEM = {"role": "system", "content": "You are terse."}
USER = {"role": "user", "content": "What is 2 + 2?"}
CHATS = [
    {"messages": [USER], "add_generation_prompt": True},
    {"messages": [SYSTEM, USER], "add_generation_prompt": True},
    {"messages": [SYSTEM, USER, {"role": "assistant", "content": "4"}], "add_generation_prompt": False},
    {"messages": [USER, {"role": "assistant", "content": " 4 "}, {"role": "user", "content": "And 3 + 3?"}], "add_generation_prompt": True},
]


def run(command):
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    if result.returncode != 0:
        raise RuntimeError((result.stderr or result.stdout).strip().splitlines()[0])
    return [json.loads(line) for line in result.stdout.splitlines()]


def folders(folder):
    cache = os.path.join(os.environ.get("HF_HOME", os.path.expanduser("~/.cache/huggingface")), "hub")
    patterns = (os.path.join(folder, "*"), os.path.join(cache, "models--*", "snapshots", "*"))
    return [path for pattern in patterns for path in sorted(glob.glob(pattern)) if os.path.exists(os.path.join(path, "tokenizer.json"))]


def rendered(tokenizer, chat):
    try:
        return tokenizer.apply_chat_template(chat["messages"], add_generation_prompt=chat["add_generation_prompt"], tokenize=False)
    except Exception:  # A template may refuse, and then so must ours.
        return None


def lines_file(scratch, name, rows):
    path = os.path.join(scratch, name)
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def check(app, folder, scratch):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    own = run([os.path.join(app, "DftNative.Train"), "tokenize", "--model", folder, "--json", "--file", lines_file(scratch, "texts.jsonl", TEXTS)])
    expected = [tokenizer.encode(text, add_special_tokens=False) for text in TEXTS]
    differences = [f"{text!r}: {a}, transformers {b}" for text, a, b in zip(TEXTS, own, expected) if a != b]
    chats = 0
    if tokenizer.chat_template:
        own = run([os.path.join(app, "DftNative.Bench"), "render-chats", folder, lines_file(scratch, "chats.jsonl", CHATS)])
        expected = [rendered(tokenizer, chat) for chat in CHATS]
        differences += [f"{a!r}\n  transformers {b!r}" for a, b in zip(own, expected) if a != b]
        chats = len(CHATS)
    print(f"{os.path.basename(folder)}: {len(TEXTS)} texts and {chats} chats, {len(differences)} differ")
    for difference in differences:
        print(f"  {difference}")
    return not differences


def main():
    app, folder = sys.argv[1:]
    found = folders(folder)
    if not found:
        print("RESULT: not run: no tokenizer files here")
        return 3
    with tempfile.TemporaryDirectory() as scratch:
        failed = []
        for path in found:
            try:
                same = check(app, path, scratch)
            except Exception as error:  # One that does not load is told, and the others are checked.
                print(f"{os.path.basename(path)}: {error}")
                same = False
            if not same:
                failed.append(os.path.basename(path))
    print(f"RESULT: {len(found) - len(failed)} of {len(found)} tokenizers as transformers{': not ' + ', '.join(failed) if failed else ''}")
    return 1 if failed else 0


sys.exit(main())
