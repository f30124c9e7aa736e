#!/usr/bin/python3
"""Writes the golden files that the fp64 reference is checked against: python3 tests/golden/generate.py [FOLDER]

Small random decoders of each architecture in plain PyTorch, float64, with autograd: the attention as Hugging Face's
transformers computes it (repeated key/value heads, rotate-half RoPE, an additive causal mask), the losses as METHOD
states them. NAME.json holds the configuration, the rows and the scalars; NAME.bin the tensors, float64 little-endian;
"tensors" in the JSON maps a name to [offset in elements, shape].
"""
import json
import math
import pathlib
import struct
import sys

import torch

FOLDER = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent
IGNORED = -100
EOS = [3, 7]


def single(x):
    """The float32 nearest to x, since configurations hold these numbers in float32."""
    return struct.unpack("<f", struct.pack("<f", x))[0]


MODELS = {
    "qwen2": dict(architecture="Qwen2", heads=4, key_value_heads=2, head_dim=4, theta=1e6, tied=True, qkv_bias=True),
    "qwen3": dict(architecture="Qwen3", heads=4, key_value_heads=2, head_dim=6, theta=1e6, tied=True, epsilon=1e-3),
    "qwen3-bias": dict(architecture="Qwen3", heads=2, key_value_heads=2, head_dim=8, theta=1e4, tied=False, qkv_bias=True, o_bias=True),
    "llama3-scaling": dict(
        architecture="Llama", heads=4, key_value_heads=1, head_dim=8, theta=1e4, tied=False,
        scaling=dict(type="llama3", factor=8.0, low=1.0, high=4.0, original=64)),
    "llama-linear-bias": dict(
        architecture="Llama", heads=2, key_value_heads=2, head_dim=8, theta=1e4, tied=True, qkv_bias=True, o_bias=True,
        scaling=dict(type="linear", factor=2.5)),
    "mistral": dict(architecture="Mistral", heads=4, key_value_heads=2, head_dim=6, theta=1e4, tied=False),
}
COMMON = dict(
    vocab=40, hidden=16, intermediate=20, layers=2, epsilon=1e-5, qkv_bias=False, o_bias=False, scaling=dict(type="default"))

# The rows of every model. A label at the first place is not a target, a label may differ from its token, one row has no
# target, and EOS tokens are targets in the middle and at the end.
ROWS = [
    dict(input_ids=[5, 11, 23, 8, 31, 14, 9, 26, 3], labels=[5, IGNORED, IGNORED, 8, 31, 14, 9, 26, 3],
         token_weights=[9.0, 9.0, 9.0, 1.0, 0.5, 2.0, 1.0, 0.0, 1.5]),
    dict(input_ids=[1, 2], labels=[1, IGNORED]),
    dict(input_ids=[17, 17, 7, 38, 0], labels=[IGNORED, 17, 7, 39, IGNORED], token_weights=[1.0, 0.25, 1.0, 1.0, 1.0]),
    dict(input_ids=[33, 12, 4, 19, 12, 6, 28], labels=[IGNORED, 12, 4, IGNORED, IGNORED, 6, 28]),
]
LOSSES = {
    "sft": dict(type="sft", exponent=1.0, min_weight=0.0, eos_weight=None, token_weights=False),
    "dft": dict(type="dft", exponent=1.0, min_weight=0.0, eos_weight=None, token_weights=False),
    "dft-options": dict(
        type="dft", exponent=0.75, min_weight=single(0.1), eos_weight=single(0.3), token_weights=True),
}


def make_parameters(c):
    """Random weights, large enough that no probability is near uniform."""
    def normal(shape, deviation, mean=0.0):
        return (mean + deviation * torch.randn(shape, dtype=torch.float64)).requires_grad_()

    hidden, q, kv = c["hidden"], c["heads"] * c["head_dim"], c["key_value_heads"] * c["head_dim"]
    p = {"model.embed_tokens.weight": normal((c["vocab"], hidden), 0.5)}
    for layer in range(c["layers"]):
        name = f"model.layers.{layer}."
        p[name + "input_layernorm.weight"] = normal((hidden,), 0.2, 1.0)
        for part, size in (("q", q), ("k", kv), ("v", kv)):
            p[f"{name}self_attn.{part}_proj.weight"] = normal((size, hidden), 0.4)
            if c["qkv_bias"]:
                p[f"{name}self_attn.{part}_proj.bias"] = normal((size,), 0.3)
            if c["architecture"] == "Qwen3" and part != "v":
                p[f"{name}self_attn.{part}_norm.weight"] = normal((c["head_dim"],), 0.3, 1.0)
        p[name + "self_attn.o_proj.weight"] = normal((hidden, q), 0.3)
        if c["o_bias"]:
            p[name + "self_attn.o_proj.bias"] = normal((hidden,), 0.3)
        p[name + "post_attention_layernorm.weight"] = normal((hidden,), 0.2, 1.0)
        p[name + "mlp.gate_proj.weight"] = normal((c["intermediate"], hidden), 0.4)
        p[name + "mlp.up_proj.weight"] = normal((c["intermediate"], hidden), 0.4)
        p[name + "mlp.down_proj.weight"] = normal((hidden, c["intermediate"]), 0.4)
    p["model.norm.weight"] = normal((hidden,), 0.2, 1.0)
    if not c["tied"]:
        p["lm_head.weight"] = normal((c["vocab"], hidden), 0.5)
    return p


def inverse_frequencies(c):
    d, scaling = c["head_dim"], c["scaling"]
    inverse = 1.0 / (c["theta"] ** (torch.arange(0, d, 2, dtype=torch.float64) / d))
    if scaling["type"] == "linear":
        return inverse / scaling["factor"]
    if scaling["type"] == "llama3":
        factor, low, high, original = scaling["factor"], scaling["low"], scaling["high"], scaling["original"]
        bands = []
        for f in inverse.tolist():
            wavelength = 2 * math.pi / f
            if wavelength < original / high:
                bands.append(f)
            elif wavelength > original / low:
                bands.append(f / factor)
            else:
                smooth = (original / wavelength - low) / (high - low)
                bands.append((1 - smooth) * f / factor + smooth * f)
        return torch.tensor(bands, dtype=torch.float64)
    return inverse


def rms_norm(x, weight, epsilon):
    return weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + epsilon))


def rotate_half(x):
    a, b = x.chunk(2, dim=-1)
    return torch.cat((-b, a), dim=-1)


def forward(c, p, ids):
    """[tokens] -> logits [tokens, vocab] of one document."""
    tokens, eps = len(ids), c["epsilon"]
    angles = torch.outer(torch.arange(tokens, dtype=torch.float64), inverse_frequencies(c))
    angles = torch.cat((angles, angles), dim=-1)
    cos, sin = angles.cos(), angles.sin()
    mask = torch.full((tokens, tokens), float("-inf"), dtype=torch.float64).triu(1)
    linear = lambda x, name: torch.nn.functional.linear(x, p[name + ".weight"], p.get(name + ".bias"))
    x = p["model.embed_tokens.weight"][ids]
    for layer in range(c["layers"]):
        name = f"model.layers.{layer}."
        normed = rms_norm(x, p[name + "input_layernorm.weight"], eps)
        q = linear(normed, name + "self_attn.q_proj").view(tokens, -1, c["head_dim"])
        k = linear(normed, name + "self_attn.k_proj").view(tokens, -1, c["head_dim"])
        v = linear(normed, name + "self_attn.v_proj").view(tokens, -1, c["head_dim"]).transpose(0, 1)
        if c["architecture"] == "Qwen3":
            q = rms_norm(q, p[name + "self_attn.q_norm.weight"], eps)
            k = rms_norm(k, p[name + "self_attn.k_norm.weight"], eps)
        q, k = q.transpose(0, 1), k.transpose(0, 1)
        q, k = q * cos + rotate_half(q) * sin, k * cos + rotate_half(k) * sin
        groups = c["heads"] // c["key_value_heads"]
        k, v = k.repeat_interleave(groups, dim=0), v.repeat_interleave(groups, dim=0)
        scores = q @ k.transpose(1, 2) / math.sqrt(c["head_dim"]) + mask
        attended = (scores.softmax(-1) @ v).transpose(0, 1).reshape(tokens, -1)
        x = x + linear(attended, name + "self_attn.o_proj")
        normed = rms_norm(x, p[name + "post_attention_layernorm.weight"], eps)
        gate, up = linear(normed, name + "mlp.gate_proj"), linear(normed, name + "mlp.up_proj")
        x = x + linear(torch.nn.functional.silu(gate) * up, name + "mlp.down_proj")
    x = rms_norm(x, p["model.norm.weight"], eps)
    return x @ p["model.embed_tokens.weight" if c["tied"] else "lm_head.weight"].T


def make_rows(c, p):
    """ROWS with some targets replaced by what the model finds likeliest, so that p is large for some and small for others."""
    rows = []
    for row in ROWS:
        likeliest = forward(c, p, row["input_ids"]).argmax(-1).tolist()
        labels = [
            likeliest[t - 1] if t > 0 and t % 3 != 1 and label != IGNORED and label not in EOS else label
            for t, label in enumerate(row["labels"])]
        rows.append({**row, "labels": labels})
    return rows


def run(c, p, rows, loss):
    """Loss and log-probabilities over all rows, divided by the number of their targets."""
    losses, log_probabilities, correct = [], [], 0
    for row in rows:
        logits = forward(c, p, row["input_ids"])[:-1]
        targets = torch.tensor(row["labels"])[1:]
        kept = targets != IGNORED
        logits, targets = logits[kept], targets[kept]
        log_p = logits.log_softmax(-1).gather(1, targets[:, None])[:, 0]
        weight = torch.ones_like(log_p)
        if loss["type"] == "dft":
            weight = log_p.detach().exp().pow(loss["exponent"]).clamp(min=loss["min_weight"])
        if loss["eos_weight"] is not None:
            is_eos = torch.tensor([t in EOS for t in targets.tolist()], dtype=torch.bool)
            weight = torch.where(is_eos, torch.full_like(weight, loss["eos_weight"]), weight)
        if loss["token_weights"] and "token_weights" in row:
            weight = weight * torch.tensor(row["token_weights"], dtype=torch.float64)[1:][kept]
        losses.append(-weight * log_p)
        log_probabilities.append(log_p.detach())
        correct += int((logits.argmax(-1) == targets).sum())
    log_p = torch.cat(log_probabilities)
    total = torch.cat(losses).sum() / len(log_p)
    return total, log_p, correct


class Writer:
    """One golden file: a JSON index beside its tensors."""

    def __init__(self):
        self.values, self.index = [], {}

    def add(self, name, tensor):
        self.index[name] = [len(self.values), list(tensor.shape)]
        self.values.extend(tensor.detach().reshape(-1).tolist())

    def save(self, name, document):
        (FOLDER / f"{name}.bin").write_bytes(struct.pack(f"<{len(self.values)}d", *self.values))
        text = json.dumps({**document, "tensors": self.index}, indent=None, separators=(",", ":"))
        (FOLDER / f"{name}.json").write_text(text.replace('"tensors"', '\n"tensors"') + "\n")


def write_model(name, seed, model):
    torch.manual_seed(seed)
    c = {**COMMON, **model}
    c["epsilon"] = single(c["epsilon"])
    p, writer, results = make_parameters(c), Writer(), {}
    rows = make_rows(c, p)
    for key, value in p.items():
        writer.add(key, value)
    for key, loss in LOSSES.items():
        total, log_p, correct = run(c, p, rows, loss)
        gradients = torch.autograd.grad(total, list(p.values()))
        writer.add(f"{key}/token.log_prob", log_p)
        for parameter, gradient in zip(p, gradients):
            writer.add(f"{key}/grad.{parameter}", gradient)
        results[key] = dict(
            **loss, loss=total.item(), nll=-log_p.mean().item(), tokens=len(log_p), mean_p=log_p.exp().mean().item(), correct=correct)
    writer.save(name, dict(config=c, eos=EOS, rows=rows, losses=results))


def write_adamw():
    """Steps of torch.optim.AdamW with clip_grad_norm_: every step's gradients, norm and parameters."""
    torch.manual_seed(90)
    options = dict(learning_rates=[1e-3, 5e-2, 2e-2, 0.0, 1e-2], beta1=0.9, beta2=0.95, epsilon=1e-8, weight_decay=0.01, max_norm=1.0)
    parameters = [torch.randn(shape, dtype=torch.float64).requires_grad_() for shape in ((3, 5), (7,))]
    writer, norms = Writer(), []
    optimizer = torch.optim.AdamW(
        parameters, betas=(options["beta1"], options["beta2"]), eps=options["epsilon"], weight_decay=options["weight_decay"])
    for i, parameter in enumerate(parameters):
        writer.add(f"initial.{i}", parameter)
    for step, learning_rate in enumerate(options["learning_rates"], 1):
        for i, parameter in enumerate(parameters):
            # The second step's norm is below the limit: nothing is clipped there.
            parameter.grad = torch.randn_like(parameter) * (0.1 if step == 2 else 2.0)
            writer.add(f"{step}/grad.{i}", parameter.grad)
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, options["max_norm"]).item())
        optimizer.param_groups[0]["lr"] = learning_rate
        optimizer.step()
        for i, parameter in enumerate(parameters):
            writer.add(f"{step}/parameter.{i}", parameter)
            writer.add(f"{step}/first_moment.{i}", optimizer.state[parameter]["exp_avg"])
            writer.add(f"{step}/second_moment.{i}", optimizer.state[parameter]["exp_avg_sq"])
    writer.save("adamw", dict(**options, norms=norms))


if __name__ == "__main__":
    torch.set_num_threads(1)
    for number, (name, model) in enumerate(MODELS.items()):
        write_model(name, 20 + number, model)
    write_adamw()
