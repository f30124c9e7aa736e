#!/usr/bin/python3
"""An ordinary bf16 run of PyTorch: forward and backward of a small model, as Hugging Face's transformers computes it.

    python3 tests/oracles/bf16_gradients.py MODEL ROWS.jsonl sft|dft OUT.safetensors

MODEL is a model directory with bf16 weights, ROWS.jsonl has input_ids and labels. Writes what check-gradients --dump does:
grad.NAME and token.log_prob in fp32, with loss, nll and tokens as metadata. How far this is from fp64 is the noise that
bf16 makes, beside which a GPU's own is judged.
"""
import json
import math
import pathlib
import struct
import sys

import numpy
import torch
from torch.nn import functional

IGNORED = -100


def read_weights(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    weights = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "BF16", f"{name} is {entry['dtype']}"
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        bits = numpy.frombuffer(data[begin:end], dtype="<u2").astype("<u4") << 16
        weights[name] = torch.from_numpy(bits.view("<f4").reshape(entry["shape"])).bfloat16().requires_grad_()
    return weights


def write_tensors(path, tensors, metadata):
    header, offset, parts = {"__metadata__": metadata}, 0, []
    for name, tensor in tensors.items():
        part = tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()
        header[name] = dict(dtype="F32", shape=list(tensor.shape), data_offsets=[offset, offset + len(part)])
        offset += len(part)
        parts.append(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))


def inverse_frequencies(config):
    dimension = config["head_dim"]
    inverse = 1.0 / (config["rope_theta"] ** (torch.arange(0, dimension, 2, dtype=torch.float32) / dimension))
    scaling = config.get("rope_scaling")
    if not scaling:
        return inverse
    assert scaling["rope_type"] == "llama3", scaling
    factor, low, high = scaling["factor"], scaling["low_freq_factor"], scaling["high_freq_factor"]
    original = scaling["original_max_position_embeddings"]
    wavelength = 2 * math.pi / inverse
    smooth = (original / wavelength - low) / (high - low)
    between = (1 - smooth) * inverse / factor + smooth * inverse
    scaled = torch.where(wavelength > original / low, inverse / factor, between)
    return torch.where(wavelength < original / high, inverse, scaled)


def rms_norm(x, weight, epsilon):
    wide = x.float()
    return weight * (wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + epsilon)).to(x.dtype)


def rotate(x, cos, sin):
    a, b = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-b, a), dim=-1) * sin


def forward(config, weights, ids):
    """[rows, tokens] -> logits [rows, tokens, vocabulary] in bf16. Rows are filled up at the right, where causality hides it."""
    rows, tokens = ids.shape
    epsilon, dimension = config["rms_norm_eps"], config["head_dim"]
    angles = torch.outer(torch.arange(tokens, dtype=torch.float32), inverse_frequencies(config))
    angles = torch.cat((angles, angles), dim=-1)
    cos, sin = angles.cos().bfloat16(), angles.sin().bfloat16()
    mask = torch.full((tokens, tokens), torch.finfo(torch.bfloat16).min, dtype=torch.bfloat16).triu(1)
    linear = lambda x, name: functional.linear(x, weights[name + ".weight"], weights.get(name + ".bias"))
    x = functional.embedding(ids, weights["model.embed_tokens.weight"])
    for layer in range(config["num_hidden_layers"]):
        name = f"model.layers.{layer}."
        normed = rms_norm(x, weights[name + "input_layernorm.weight"], epsilon)
        q, k, v = (linear(normed, f"{name}self_attn.{part}_proj").view(rows, tokens, -1, dimension) for part in "qkv")
        if config["model_type"] == "qwen3":
            q = rms_norm(q, weights[name + "self_attn.q_norm.weight"], epsilon)
            k = rms_norm(k, weights[name + "self_attn.k_norm.weight"], epsilon)
        q, k, v = (part.transpose(1, 2) for part in (q, k, v))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        groups = config["num_attention_heads"] // config["num_key_value_heads"]
        k, v = k.repeat_interleave(groups, dim=1), v.repeat_interleave(groups, dim=1)
        scores = q @ k.transpose(2, 3) * dimension ** -0.5 + mask
        attended = scores.softmax(-1, dtype=torch.float32).bfloat16() @ v
        x = x + linear(attended.transpose(1, 2).reshape(rows, tokens, -1), name + "self_attn.o_proj")
        normed = rms_norm(x, weights[name + "post_attention_layernorm.weight"], epsilon)
        x = x + linear(functional.silu(linear(normed, name + "mlp.gate_proj")) * linear(normed, name + "mlp.up_proj"), name + "mlp.down_proj")
    x = rms_norm(x, weights["model.norm.weight"], epsilon)
    return functional.linear(x, weights["model.embed_tokens.weight" if config["tie_word_embeddings"] else "lm_head.weight"])


def main():
    model, rows_path, loss_type, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    torch.set_num_threads(2)
    config = json.loads((model / "config.json").read_text())
    weights = read_weights(model / "model.safetensors")
    rows = [json.loads(line) for line in rows_path.read_text().splitlines()]
    longest = max(len(row["input_ids"]) for row in rows)
    ids = torch.tensor([row["input_ids"] + [0] * (longest - len(row["input_ids"])) for row in rows])
    labels = torch.tensor([row["labels"] + [IGNORED] * (longest - len(row["labels"])) for row in rows])
    logits = forward(config, weights, ids)[:, :-1].float()
    targets = labels[:, 1:]
    kept = targets != IGNORED
    log_p = logits.log_softmax(-1).gather(2, targets.clamp(min=0)[..., None])[..., 0][kept]
    weight = log_p.detach().exp() if loss_type == "dft" else torch.ones_like(log_p)
    loss = -(weight * log_p).mean()
    loss.backward()
    tensors = {"grad." + name: parameter.grad for name, parameter in weights.items()}
    tensors["token.log_prob"] = log_p
    write_tensors(output, tensors, dict(loss=repr(loss.item()), nll=repr(-log_p.mean().item()), tokens=str(len(log_p))))


main()
