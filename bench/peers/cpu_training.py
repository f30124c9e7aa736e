"""PyTorch's side of bench/cpu-training.sh: the same model, rows, loss and optimizer, written as a PyTorch user would.

Prints one JSON line: tokens_per_second (median step) and peak_bytes (ru_maxrss of the process).
"""

import json
import os
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

HIDDEN, LAYERS, HEADS, KV_HEADS, FFN, VOCABULARY, HEAD = 512, 8, 8, 2, 1408, 8192, 64
ROWS, LENGTH = 8, 512


class RmsNorm(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))

    def forward(self, x):
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def attend(q, k, v):
    """Causal attention: PyTorch's own where there is one (2.0 and later), else written out as transformers' eager path."""
    if hasattr(F, "scaled_dot_product_attention"):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    length = q.shape[-2]
    mask = torch.full((length, length), float("-inf")).triu(1)
    return torch.softmax(q @ k.transpose(-1, -2) / HEAD**0.5 + mask, dim=-1) @ v


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_norm, self.post_norm = RmsNorm(HIDDEN), RmsNorm(HIDDEN)
        self.q = nn.Linear(HIDDEN, HEADS * HEAD)
        self.k = nn.Linear(HIDDEN, KV_HEADS * HEAD)
        self.v = nn.Linear(HIDDEN, KV_HEADS * HEAD)
        self.o = nn.Linear(HEADS * HEAD, HIDDEN, bias=False)
        self.gate = nn.Linear(HIDDEN, FFN, bias=False)
        self.up = nn.Linear(HIDDEN, FFN, bias=False)
        self.down = nn.Linear(FFN, HIDDEN, bias=False)

    def forward(self, x, cos, sin):
        rows, length, _ = x.shape
        h = self.input_norm(x)
        q = rotate(self.q(h).view(rows, length, HEADS, HEAD).transpose(1, 2), cos, sin)
        k = rotate(self.k(h).view(rows, length, KV_HEADS, HEAD).transpose(1, 2), cos, sin)
        v = self.v(h).view(rows, length, KV_HEADS, HEAD).transpose(1, 2)
        k = k.repeat_interleave(HEADS // KV_HEADS, dim=1)
        v = v.repeat_interleave(HEADS // KV_HEADS, dim=1)
        a = attend(q, k, v)
        x = x + self.o(a.transpose(1, 2).reshape(rows, length, HEADS * HEAD))
        h = self.post_norm(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, HIDDEN)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = RmsNorm(HIDDEN)
        frequencies = 10000.0 ** (-torch.arange(0, HEAD, 2) / HEAD)
        angles = torch.arange(LENGTH)[:, None] * torch.cat((frequencies, frequencies))[None]
        self.cos, self.sin = angles.cos(), angles.sin()

    def forward(self, ids):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, self.cos, self.sin)
        return self.norm(x) @ self.embedding.weight.T


def dft_loss(logits, labels):
    losses = F.cross_entropy(logits[:, :-1].reshape(-1, VOCABULARY), labels[:, 1:].reshape(-1), reduction="none")
    return (losses * torch.exp(-losses.detach())).mean()


def main():
    steps = int(sys.argv[1])
    torch.set_num_threads(os.cpu_count())
    torch.manual_seed(0)
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-5, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.01)
    ids = torch.randint(VOCABULARY, (ROWS, LENGTH))
    seconds = []
    for step in range(1 + steps):
        start = time.perf_counter()
        dft_loss(model(ids), ids).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step > 0:
            seconds.append(time.perf_counter() - start)
    seconds.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"tokens_per_second": ROWS * LENGTH / seconds[len(seconds) // 2], "peak_bytes": peak, "torch": torch.__version__, "threads": torch.get_num_threads()}))


main()
