"""PyTorch's side of `bench kernels`: the same work under the same row names, eager and compiled.

    python3 bench/peers/kernels.py --json OUT [--filter TEXT] [--tokens N] [--seconds S]      on a GPU
    python3 bench/peers/kernels.py --json OUT --dry-run                                       tiny shapes, on the CPU, untimed

Attention is scaled_dot_product_attention, AdamW the fused one, products are cuBLAS's. Times are medians by CUDA events
after a warm-up, the L2 cache flushed by reading other memory before each run, as in KernelTimer.cs.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F

# hidden, intermediate, heads, key/value heads, head dimension, vocabulary, whether q, k, v have a bias: as in BenchModels.cs.
MODELS = {
    "qwen2.5-1.5b": (1536, 8960, 12, 2, 128, 151936, True),
    "qwen2.5-7b": (3584, 18944, 28, 4, 128, 152064, True),
    "llama-3.1-8b": (4096, 14336, 32, 8, 128, 128256, False),
}
TINY = {"qwen2.5-1.5b": (48, 56, 6, 2, 8, 101, True)}
ARENA = 1 << 26
EPSILON = 1e-6


class Device:
    """Where it runs, and how it is timed; a dry run is never timed."""

    def __init__(self, dry_run):
        self.dry_run = dry_run
        self.name = "cpu" if dry_run else "cuda"
        self.type = torch.float32 if dry_run else torch.bfloat16
        self.flushed = None if dry_run else torch.randn(1 << 28, device="cuda")

    def random(self, *shape, dtype=None, scale=1.0, requires_grad=False):
        return (torch.randn(*shape, device=self.name) * scale).to(dtype or self.type).requires_grad_(requires_grad)

    def milliseconds(self, run, restore=lambda: None):
        """The median; None in a dry run."""
        if self.dry_run:
            run()
            return None
        times = []
        for count in range(3 + 31):
            restore()
            torch.sum(self.flushed)
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            run()
            end.record()
            end.synchronize()
            if count >= 3:
                times.append(start.elapsed_time(end))
            if count >= 3 + 11 and sum(times) > 250:
                break
        return statistics.median(times)


def rms_norm(x, weight):
    """As transformers' Qwen2RMSNorm."""
    h = x.float()
    h = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + EPSILON)
    return weight * h.to(x.dtype)


def residual_rms_norm(x, residual, weight):
    total = x + residual
    return total, rms_norm(total, weight)


def rotate(x, cos, sin):
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def swiglu(gate_up):
    gate, up = gate_up.chunk(2, dim=-1)
    return F.silu(gate) * up


def attend(q, k, v):
    """[heads, tokens, dimension], causal; PyTorch before 2.0 has no attention of its own, before 2.5 no grouped one."""
    groups = q.shape[0] // k.shape[0]
    if not hasattr(F, "scaled_dot_product_attention"):
        k, v = k.repeat_interleave(groups, 0), v.repeat_interleave(groups, 0)
        mask = torch.full((q.shape[1], q.shape[1]), float("-inf"), device=q.device, dtype=q.dtype).triu(1)
        return torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + mask, dim=-1) @ v
    try:
        return F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True, enable_gqa=groups > 1)[0]
    except TypeError:
        k, v = k.repeat_interleave(groups, 0), v.repeat_interleave(groups, 0)
        return F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True)[0]


def attend_to_cache(q, k, v):
    """One query each of several sequences: [sequences, heads, 1, dimension] over [sequences, kv heads, keys, dimension]."""
    groups = q.shape[1] // k.shape[1]
    if not hasattr(F, "scaled_dot_product_attention"):
        k, v = k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1)
        return torch.softmax(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5, dim=-1) @ v
    try:
        return F.scaled_dot_product_attention(q, k, v, enable_gqa=groups > 1)
    except TypeError:
        return F.scaled_dot_product_attention(q, k.repeat_interleave(groups, 1), v.repeat_interleave(groups, 1))


def dft_loss(logits, targets):
    losses = F.cross_entropy(logits.float(), targets, reduction="none")
    return (losses * torch.exp(-losses.detach())).mean()


def backward_of(function, *inputs):
    """Runs function's backward alone, again and again, on one forward pass."""
    outputs = function(*inputs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    gradients = tuple(torch.randn_like(output) for output in outputs)
    leaves = [x for x in inputs if x.requires_grad]
    return lambda: torch.autograd.grad(outputs, leaves, gradients, retain_graph=True)


def cases_of_model(device, tokens, shape):
    """(operation, the function that is compiled, its inputs, whether backward alone is timed), each made when it is asked for."""
    hidden, intermediate, heads, kv_heads, dimension, vocabulary, has_bias = shape
    r = device.random
    indices = torch.randint(vocabulary, (tokens,), device=device.name)
    order = torch.randperm(tokens, device=device.name)

    yield "embedding_forward", F.embedding, lambda: (indices, r(vocabulary, hidden)), False
    yield "embedding_backward", lambda w: F.embedding(indices, w), lambda: (r(vocabulary, hidden, requires_grad=True),), True
    for operation, backward in (("residual_rmsnorm_forward", False), ("residual_rmsnorm_backward", True)):
        yield operation, residual_rms_norm, lambda backward=backward: tuple(
            r(*s, requires_grad=backward) for s in ((tokens, hidden), (tokens, hidden), (hidden,))), backward
    for operation, backward in (("head_rmsnorm_forward", False), ("head_rmsnorm_backward", True)):
        yield operation, rms_norm, lambda backward=backward: tuple(
            r(*s, requires_grad=backward) for s in ((tokens, heads, dimension), (dimension,))), backward
    yield "rotary_embedding", rotate, lambda: (
        r(tokens, heads + kv_heads, dimension), r(tokens, 1, dimension), r(tokens, 1, dimension)), False
    query, key_value = heads * dimension, kv_heads * dimension
    for name, inputs, outputs, bias in (
            ("qkv", hidden, query + 2 * key_value, has_bias), ("o", query, hidden, False),
            ("gate_up", hidden, 2 * intermediate, False), ("down", intermediate, hidden, False)):
        for operation, backward in (("forward", False), ("backward", True)):
            yield f"linear_{operation}.{name}", F.linear, lambda i=inputs, o=outputs, bias=bias, b=backward: (
                r(tokens, i, requires_grad=b), r(o, i, scale=i**-0.5, requires_grad=b), *((r(o, requires_grad=b),) if bias else ())), backward
    yield "bias_gradient", lambda g: g.sum(0), lambda: (r(tokens, query + 2 * key_value),), False
    for operation, backward in (("attention_forward", False), ("attention_backward", True)):
        yield operation, attend, lambda b=backward: tuple(
            r(h, tokens, dimension, requires_grad=b) for h in (heads, kv_heads, kv_heads)), backward
    sequences = min(64, tokens)
    cache = (sequences, kv_heads, 16 * tokens // sequences, dimension)
    yield "attention_decode", attend_to_cache, lambda: (r(sequences, heads, 1, dimension), r(*cache), r(*cache)), False
    for operation, backward in (("swiglu_forward", False), ("swiglu_backward", True)):
        yield operation, swiglu, lambda b=backward: (r(tokens, 2 * intermediate, scale=2.0, requires_grad=b),), backward
    yield "gather_rows", lambda x: x[order], lambda: (r(tokens, hidden),), False
    yield "scatter_rows", lambda x, y: y.index_copy_(0, order, x), lambda: (r(tokens, hidden), r(tokens, hidden)), False

    def head(h, w):
        """Forward and backward, a chunk of rows at a time, as users do whose logits do not fit."""
        total = 0
        for start in range(0, tokens, 1024):
            total = total + dft_loss(F.linear(h[start:start + 1024], w), indices[start:start + 1024])
        return torch.autograd.grad(total, (h, w))

    yield "token_loss", head, lambda: (r(tokens, hidden, requires_grad=True), r(vocabulary, hidden, scale=2 * hidden**-0.5, requires_grad=True)), False

    rows = min(tokens, 1024)

    def loss_of_logits(logits):
        return torch.autograd.grad(dft_loss(logits, indices[:rows]), logits)

    yield "token_loss_kernel", loss_of_logits, lambda: (r(rows, vocabulary, dtype=torch.float32, scale=2.0, requires_grad=True),), False


def cases_of_arena(device, length):
    r = device.random
    yield "gradient_norm", lambda g: g.norm(), lambda: (r(length, dtype=torch.float32),), False

    def adamw():
        parameter = r(length, dtype=torch.float32, requires_grad=True)
        parameter.grad = r(length, dtype=torch.float32)
        # fp32 parameters, gradients and moments, as in autocast training; the bf16 copy of the weights is not counted.
        optimizer = torch.optim.AdamW([parameter], lr=5e-5, **({} if device.dry_run else {"fused": True}))
        return optimizer

    yield "adamw_exact", lambda optimizer: optimizer.step(), lambda: (adamw(),), False
    yield "convert_to_bf16", lambda x: x.to(torch.bfloat16), lambda: (r(length, dtype=torch.float32),), False
    yield "convert_to_fp32", lambda x: x.float(), lambda: (r(length, dtype=torch.bfloat16),), False


def measure(device, function, make_inputs, backward, compiled):
    inputs = make_inputs()
    if compiled:
        function = torch.compile(function, dynamic=False)
    run = backward_of(function, *inputs) if backward else lambda: function(*inputs)
    return device.milliseconds(run)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", required=True)
    parser.add_argument("--filter", default="")
    parser.add_argument("--tokens", type=int, default=4096)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after this long; compiled times come last")
    parser.add_argument("--dry-run", action="store_true")
    options = parser.parse_args()
    torch.manual_seed(0)
    if not options.dry_run and not torch.cuda.is_available():
        raise SystemExit("PyTorch sees no CUDA device; --dry-run checks this script")
    begin = time.monotonic()
    device = Device(options.dry_run)
    tokens = 24 if options.dry_run else options.tokens
    rows = {}
    # What compiles is what has something to fuse.
    fused = ("residual_rmsnorm", "head_rmsnorm", "rotary", "swiglu", "token_loss_kernel")
    can_compile = hasattr(torch, "compile") and not options.dry_run
    for compiled in (False, True) if can_compile else (False,):
        work = [(model, case) for model, shape in (TINY if options.dry_run else MODELS).items() for case in cases_of_model(device, tokens, shape)]
        work += [("arena", case) for case in cases_of_arena(device, 1000 if options.dry_run else ARENA)]
        for model, (operation, function, make_inputs, backward) in work:
            name = f"{operation}/{model}"
            if options.filter not in name or (compiled and not operation.startswith(fused)):
                continue
            if time.monotonic() - begin > options.seconds:
                break
            row = rows.setdefault(name, {"name": name})
            try:
                row["compiled_milliseconds" if compiled else "eager_milliseconds"] = measure(device, function, make_inputs, backward, compiled)
            except Exception as error:  # One operation that PyTorch cannot do is a row without a time.
                row["error"] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
            if not options.dry_run:
                torch.cuda.empty_cache()
            with open(options.json, "w") as file:
                json.dump({"torch": torch.__version__, "dry_run": options.dry_run, "kernels": list(rows.values())}, file, indent=1)
    failed = [row["name"] for row in rows.values() if "error" in row]
    print(f"PyTorch {torch.__version__}: {len(rows)} kernels, {len(failed)} without a time{': ' + ', '.join(failed) if failed else ''}")
    if options.dry_run and failed:
        raise SystemExit("; ".join(f"{row['name']}: {row['error']}" for row in rows.values() if "error" in row))


main()
