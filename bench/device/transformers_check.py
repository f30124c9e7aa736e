"""Our loss, log-probabilities and gradients on the GPU against transformers on the same bf16 weights and rows.

    python3 transformers_check.py SCRATCH ROWS.jsonl MODEL…

SCRATCH/MODEL is a model directory and SCRATCH/MODEL.safetensors what check-gradients --dump wrote of it (DFT, all rows one
step). transformers in float64 on the CPU is the reference, transformers in bf16 the measure: a parameter's error may be
twice that of the bf16 run plus 5e-3, a log-probability's twice its largest plus 0.02, the loss 2 % off.
"""

import json
import os
import sys

import torch
from safetensors import safe_open
from transformers import AutoModelForCausalLM

IGNORED = -100


def load(directory, dtype):
    device = "cuda" if dtype == torch.bfloat16 and torch.cuda.is_available() else "cpu"
    model = AutoModelForCausalLM.from_pretrained(directory, torch_dtype=dtype, attn_implementation="eager")
    return model.to(device)


def run(directory, rows, dtype):
    """The loss, the log-probabilities in the rows' order, and the gradients by name."""
    model = load(directory, dtype)
    device = next(model.parameters()).device
    log_probabilities = []
    for row in rows:
        ids = torch.tensor([row["input_ids"]], device=device)
        labels = torch.tensor(row["labels"], device=device)[1:]
        logits = model(ids).logits[0, :-1]
        kept = labels != IGNORED
        wide = logits[kept].to(torch.float64 if dtype == torch.float64 else torch.float32)
        log_probabilities.append(wide.log_softmax(-1).gather(1, labels[kept][:, None])[:, 0])
    log_p = torch.cat(log_probabilities)
    loss = (-log_p.detach().exp() * log_p).sum() / len(log_p)
    loss.backward()
    gradients = {name: parameter.grad.double().cpu() for name, parameter in model.named_parameters() if parameter.grad is not None}
    return loss.item(), log_p.detach().double().cpu(), gradients


def relative(actual, expected):
    return ((actual - expected).norm() / expected.norm().clamp(min=1e-300)).item()


def check(scratch, rows, model):
    directory = os.path.join(scratch, model)
    loss, log_p, gradients = run(directory, rows, torch.float64)
    noisy_loss, noisy_log_p, noisy = run(directory, rows, torch.bfloat16)
    failures = []
    with safe_open(directory + ".safetensors", framework="pt") as dump:
        own_loss = float(dump.metadata()["loss"])
        own_log_p = dump.get_tensor("token.log_prob").double().reshape(-1)
        worst = (0.0, "", 0.0)
        for name, expected in gradients.items():
            error = relative(dump.get_tensor("grad." + name).double(), expected)
            allowed = 2 * relative(noisy[name], expected) + 5e-3
            worst = max(worst, (error, name, allowed))
            if not error <= allowed:
                failures.append(f"grad.{name}: {error:.4f}, allowed {allowed:.4f}")
    difference, allowed = (own_log_p - log_p).abs().max().item(), 2 * (noisy_log_p - log_p).abs().max().item() + 0.02
    if not difference <= allowed:
        failures.append(f"log p: {difference:.4f}, allowed {allowed:.4f}")
    if not abs(own_loss - loss) <= 0.02 * abs(loss):
        failures.append(f"loss {own_loss}, reference {loss}")
    print(f"{model}: loss {own_loss:.6f}, transformers fp64 {loss:.6f}, bf16 {noisy_loss:.6f}; log p {difference:.4f} (allowed {allowed:.4f}); "
          f"worst gradient {worst[0]:.4f} of {worst[1]} (allowed {worst[2]:.4f}){'; FAILED' if failures else ''}")
    for failure in failures:
        print(f"  {failure}")
    return not failures


def passes(scratch, rows, model):
    try:
        return check(scratch, rows, model)
    except Exception as error:  # An architecture that this transformers does not have is told, and the others are checked.
        print(f"{model}: {type(error).__name__}: {error}")
        return False


def main():
    scratch, rows_path, *models = sys.argv[1:]
    rows = [json.loads(line) for line in open(rows_path)]
    failed = [model for model in models if not passes(scratch, rows, model)]
    print(f"RESULT: {len(models) - len(failed)} of {len(models)} architectures as transformers{': not ' + ', '.join(failed) if failed else ''}")
    return 1 if failed else 0


sys.exit(main())
