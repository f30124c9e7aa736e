"""The kernel table with PyTorch beside it.

    python3 join.py KERNELS.json PEERS.json       prints the table; PEERS.json may be missing
    python3 join.py --slowest N KERNELS.json      prints the names of the N rows furthest below their ceiling, cuBLASLt's aside
"""

import json
import os
import statistics
import sys


def slowest(count, kernels):
    rows = [row for row in kernels if row["fraction"] is not None and not row["name"].startswith(("linear", "token_loss/"))]
    for row in sorted(rows, key=lambda row: row["fraction"])[:count]:
        print(row["name"])


def number(value, digits):
    return "" if value is None else f"{value:.{digits}f}"


def table(document, peers):
    print(document["device"])
    ceilings = document["ceilings"]
    if ceilings:
        print(f"copy {ceilings['bytes_per_second'] / 1e12:.2f} TB/s, GEMM {ceilings['flops_per_second'] / 1e12:.0f} TFLOP/s")
    print(f"PyTorch {peers['torch']}" if peers else "without PyTorch")
    print(f"{'kernel':<42}{'shape':<34}{'ms':>10}{'ceiling':>9}{'error':>10}{'eager ms':>10}{'compiled':>10}{'best/ours':>10}")
    peer_rows = {row["name"]: row for row in peers["kernels"]} if peers else {}
    failed = 0
    for row in document["kernels"]:
        peer = peer_rows.get(row["name"], {})
        times = [peer.get("eager_milliseconds"), peer.get("compiled_milliseconds")]
        best = min((time for time in times if time is not None), default=None)
        ratio = best / row["milliseconds"] if best is not None and row["milliseconds"] else None
        fraction = "" if row["fraction"] is None else f"{row['fraction']:.1%}"
        error = "" if row["error"] is None else f"{row['error']:.1e}"
        failure = f"  {'-' if row['skipped'] else 'FAILED:'} {row['failure']}" if row["failure"] else ""
        failed += bool(row["failure"]) and not row["skipped"]
        print(f"{row['name']:<42}{row['shape']:<34}{number(row['milliseconds'], 4):>10}{fraction:>9}{error:>10}"
              f"{number(times[0], 4):>10}{number(times[1], 4):>10}{number(ratio, 2):>10}{failure}")
    missing = sorted(set(peer_rows) - {row["name"] for row in document["kernels"]})
    if missing and not peers["dry_run"]:
        print(f"PyTorch's alone: {', '.join(missing)}")
    words = [f"{len(document['kernels']) - failed} kernels right", f"{failed} failed", f"{len(peer_rows)} with PyTorch beside them"]
    for what, rows in (("copy", [row for row in document["kernels"] if not row["flops"]]), ("GEMM", [row for row in document["kernels"] if row["flops"]])):
        fractions = [row["fraction"] for row in rows if row["fraction"] is not None]
        if fractions:
            words.append(f"{min(fractions):.0%} to {max(fractions):.0%} of {what}, median {statistics.median(fractions):.0%}")
    print(f"RESULT: {', '.join(words)}")
    return failed


def main():
    if sys.argv[1] == "--slowest":
        slowest(int(sys.argv[2]), json.load(open(sys.argv[3]))["kernels"])
        return 0
    peers = json.load(open(sys.argv[2])) if os.path.exists(sys.argv[2]) else None
    return 1 if table(json.load(open(sys.argv[1])), peers) else 0


sys.exit(main())
