"""Measure how fast an audit is: megabytes of text a second of one processor's time.

    python scripts/benchmark_audit.py news.jsonl.zst [--times 5]

PATH is whatever `corpus audit` takes. Reading, decompressing and parsing are in the time, the map
of topics is not: it takes the same for every corpus. The first audit of a process also imports what
it needs; it is told by itself. Times are of the processor, not of a clock on the wall.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import corpus


def main() -> None:
    """Print the pace of the first audit, and of the median one of the others."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    seconds, size = [], 0.0
    for _ in range(asked.times + 1):
        began = time.process_time()
        found = corpus.audit(asked.path, topics=False).statistics
        seconds.append(time.process_time() - began)
        size = found["bytes"] / 1e6
    first, *others = seconds
    middle = sorted(others)[len(others) // 2]
    print(f"{found['documents']:,} documents, {size:.1f} MB of text")
    print(f"first: {first:.2f} s; then {size / middle:.1f} MB/s (median of {len(others)})")
    print(f"from {size / max(others):.1f} to {size / min(others):.1f} MB/s")


if __name__ == "__main__":
    main()
