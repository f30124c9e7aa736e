"""PyTorch's side of `bench gpu-training`: transformers' model in bf16 with SDPA, the DFT loss, gradient clipping and fused AdamW.

    python3 bench/peers/gpu_training.py MODEL STEPS TOKENS [ROW_TOKENS]      on a GPU
    python3 bench/peers/gpu_training.py --dry-run                            a tiny model on the CPU, untimed

The same number of passes a step, of rows of the same length; weights, gradients and moments are bf16, which is less than
`exact` keeps. Activations are checkpointed where they do not fit otherwise. The last line is RATE tokens/s.
"""

import argparse
import statistics
import sys
import time

import torch
from transformers import AutoConfig, AutoModelForCausalLM

PASSES = 4
LEARNING_RATE = 1e-5

# As in BenchModels.cs.
QWEN2 = dict(num_hidden_layers=28, rms_norm_eps=1e-6, rope_theta=1e6, max_position_embeddings=131072)
MODELS = {
    "qwen2.5-1.5b": ("qwen2", dict(QWEN2, vocab_size=151936, hidden_size=1536, intermediate_size=8960, num_attention_heads=12,
                                   num_key_value_heads=2, tie_word_embeddings=True)),
    "qwen2.5-7b": ("qwen2", dict(QWEN2, vocab_size=152064, hidden_size=3584, intermediate_size=18944, num_attention_heads=28,
                                 num_key_value_heads=4, tie_word_embeddings=False)),
    "llama-3.1-8b": ("llama", dict(vocab_size=128256, hidden_size=4096, intermediate_size=14336, num_hidden_layers=32, num_attention_heads=32,
                                   num_key_value_heads=8, rms_norm_eps=1e-5, rope_theta=500000.0, max_position_embeddings=131072, tie_word_embeddings=False)),
}
TINY = ("qwen2", dict(QWEN2, vocab_size=101, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
                      tie_word_embeddings=True))


def dft_loss(model, ids, targets):
    logits = model(ids, use_cache=False).logits[:, :-1].float()
    negative_log_p = torch.nn.functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    return (torch.exp(-negative_log_p.detach()) * negative_log_p).sum() / targets


def measure(kind, fields, steps, tokens, row_tokens, device, checkpointing):
    """Seconds of each step but the first two."""
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **fields), attn_implementation="sdpa")
    torch.set_default_dtype(torch.float32)
    model.train()
    if checkpointing:
        model.gradient_checkpointing_enable()
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.01, fused=device == "cuda")
    batches = [torch.randint(fields["vocab_size"], (tokens // row_tokens, row_tokens), device=device) for _ in range(PASSES)]
    targets = PASSES * (tokens // row_tokens) * (row_tokens - 1)
    seconds = []
    for step in range(2 + steps):
        start = time.perf_counter()
        for ids in batches:
            dft_loss(model, ids, targets).backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        if not torch.isfinite(norm).item():
            sys.exit(f"the gradient norm of step {step + 1} is not finite")
        if step >= 2:
            seconds.append(time.perf_counter() - start)
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?", choices=MODELS)
    parser.add_argument("steps", nargs="?", type=int)
    parser.add_argument("tokens", nargs="?", type=int)
    parser.add_argument("row_tokens", nargs="?", type=int)
    parser.add_argument("--dry-run", action="store_true")
    arguments = parser.parse_args()
    if arguments.dry_run:
        measure(*TINY, 1, 32, 16, "cpu", checkpointing=True)
        print(f"PyTorch {torch.__version__}: ran, not timed")
        return
    if arguments.tokens is None:
        parser.error("MODEL STEPS TOKENS")
    row_tokens = arguments.row_tokens or arguments.tokens
    for checkpointing in (False, True):
        try:
            seconds = measure(*MODELS[arguments.model], arguments.steps, arguments.tokens, row_tokens, "cuda", checkpointing)
            break
        except torch.cuda.OutOfMemoryError:
            if checkpointing:
                sys.exit(f"{arguments.model}: out of memory even with checkpointing")
        torch.cuda.empty_cache()
    median = statistics.median(seconds)
    print(f"{arguments.model} in PyTorch {torch.__version__}: {arguments.tokens // row_tokens} x {row_tokens} tokens a pass, "
          f"{'activations checkpointed' if checkpointing else 'nothing recomputed'}, {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
    print(f"{PASSES * arguments.tokens / median:.0f} tokens/s")


if __name__ == "__main__":
    main()
