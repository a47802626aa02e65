"""Measure the speed of an audit: megabytes of text per second of CPU time, on one core.

    python scripts/benchmark_audit.py news.jsonl.zst [--times 5]

PATH is anything that `corpus audit` can read. The time includes reading, decompressing and parsing.
It does not include the map of topics, which takes the same time for every corpus. The first audit
of a process also imports what it needs, so it is reported separately.
"""

from __future__ import annotations

import argparse
import os
import time

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import corpus


def main() -> None:
    """Print the time of the first audit, and the median speed of all others."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("path")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    seconds, megabytes = [], 0.0
    for _ in range(options.times + 1):
        start = time.process_time()
        report = corpus.audit(options.path, topics=False).statistics
        seconds.append(time.process_time() - start)
        megabytes = report["bytes"] / 1e6
    first, *others = seconds
    median = sorted(others)[len(others) // 2]
    print(f"{report['documents']:,} documents, {megabytes:.1f} MB of text")
    print(f"first: {first:.2f} s; then {megabytes / median:.1f} MB/s (median of {len(others)})")
    print(f"range: {megabytes / max(others):.1f} to {megabytes / min(others):.1f} MB/s")


if __name__ == "__main__":
    main()
