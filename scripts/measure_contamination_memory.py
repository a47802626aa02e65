"""Measure the memory of a build that searches for millions of benchmark items.

    python scripts/measure_contamination_memory.py FOLDER --items 2000000 --benchmarks 200 --jobs 4

Benchmarks are generated in FOLDER: random words with the lengths of questions, options and answers
as in GSM8K and MMLU, 60 words on average. Random words are the worst case, because real items share
phrases. The corpus has as many random texts as keep all workers busy, some of them with an item.

Every process of the build is looked at ten times a second. The figure is the highest sum of their
proportional set sizes (PSS), which counts a page that several processes map once: the index too.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

SEED = 1
N_WORDS = 30_000
MEGABYTES_PER_JOB = 40
DOCUMENT_WORDS = 600
SECONDS_BETWEEN_LOOKS = 0.1


def words_of(rng: np.random.Generator, vocabulary: np.ndarray, lengths: np.ndarray) -> list[str]:
    """Return random texts with these numbers of words; frequent words are those of Zipf's law."""
    total = int(lengths.sum())
    ranks = np.exp(rng.random(total) * np.log(len(vocabulary))).astype(np.int64) - 1
    words = vocabulary[ranks].tolist()
    ends = np.cumsum(lengths).tolist()
    return [
        " ".join(words[end - length : end])
        for end, length in zip(ends, lengths.tolist(), strict=True)
    ]


def make_benchmarks(folder: Path, items: int, benchmarks: int) -> float:
    """Write the benchmarks; return the mean number of words of an item."""
    rng = np.random.default_rng(SEED)
    vocabulary = np.array([f"{chr(97 + i % 26)}{i:x}" for i in range(N_WORDS)])
    n, total = items // benchmarks, 0
    for number in range(benchmarks):
        question = rng.lognormal(np.log(40), 0.45, n).clip(8, 250).astype(np.int64)
        other = rng.lognormal(np.log(15), 0.6, n).clip(4, 150).astype(np.int64)
        total += int(question.sum() + other.sum())
        questions = words_of(rng, vocabulary, question)
        others = words_of(rng, vocabulary, other)
        with (folder / f"bench-{number:03}.jsonl").open("w") as out:
            for k, (first, second) in enumerate(zip(questions, others, strict=True)):
                if number % 2:  # options, as in MMLU
                    parts = second.split()
                    size = -(-len(parts) // 4)
                    choices = [" ".join(parts[i : i + size]) for i in range(0, len(parts), size)]
                    row = {"question": first, "choices": choices, "answer": k % 4}
                else:
                    row = {"question": first, "answer": second}
                out.write(json.dumps(row) + "\n")
    return total / (n * benchmarks)


def make_corpus(folder: Path, jobs: int, benchmarks: int) -> None:
    """Write one file of documents for each worker; some documents have an item."""
    rng = np.random.default_rng(SEED + 1)
    vocabulary = np.array([f"{chr(97 + i % 26)}{i:x}" for i in range(N_WORDS)])
    for job in range(jobs):
        with (folder / f"news-{job}.jsonl").open("w") as out:
            while out.tell() < MEGABYTES_PER_JOB * 1_000_000:
                texts = words_of(rng, vocabulary, np.full(200, DOCUMENT_WORDS))
                bench = folder / f"bench-{int(rng.integers(benchmarks)):03}.jsonl"
                with bench.open() as source:
                    texts[0] += " " + json.loads(next(source))["question"]
                out.writelines(json.dumps({"text": text}) + "\n" for text in texts)


def process_tree(root: int) -> Iterator[int]:
    """Yield a process and all that it started."""
    yield root
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{root}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from process_tree(int(child))


def total_pss(root: int) -> tuple[int, int]:
    """Return the proportional set size of a process and all that it started, in bytes.

    Also return how much of it is not memory of mapped files.
    """
    total = anonymous = 0
    for process in process_tree(root):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                name, _, rest = line.partition(":")
                total += 1024 * int(rest.split()[0]) if name == "Pss" else 0
                anonymous += 1024 * int(rest.split()[0]) if name == "Pss_Anon" else 0
    return total, anonymous


def main() -> None:
    """Print the peaks of each phase."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=2_000_000)
    parser.add_argument("--benchmarks", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=4)
    options = parser.parse_args()
    folder = options.folder
    folder.mkdir(parents=True)
    mean = make_benchmarks(folder, options.items, options.benchmarks)
    make_corpus(folder, options.jobs, options.benchmarks)
    benchmarks = [
        {"name": f"b{number}", "path": f"bench-{number:03}.jsonl"}
        for number in range(options.benchmarks)
    ]
    config = {
        "name": "memory",
        "sources": [{"path": "news-*.jsonl"}],
        "stages": [{"stage": "decontaminate", "benchmarks": benchmarks}],
        "output": {"path": "build"},
    }
    (folder / "memory.yaml").write_text(json.dumps(config))
    command = [sys.executable, "-m", "corpus", "build", str(folder / "memory.yaml")]
    before = os.times()
    peaks: dict[str, tuple[int, int]] = {}
    with subprocess.Popen([*command, "--jobs", str(options.jobs)]) as build:
        while build.poll() is None:
            indexes = folder.glob(".corpus-cache/*/hashes.bin")
            is_made = any(not path.parent.name.endswith(".half") for path in indexes)
            phase = "build" if is_made else "index"
            peaks[phase] = max(peaks.get(phase, (0, 0)), total_pss(build.pid))
            time.sleep(SECONDS_BETWEEN_LOOKS)
    after = os.times()
    index = next(folder.glob(".corpus-cache/*/hashes.bin")).parent
    size = sum(path.stat().st_size for path in index.iterdir())
    print(f"{options.items:,} items in {options.benchmarks} files, {mean:.1f} words on average")
    print(f"index on disk: {size / 1e9:.2f} GB; CPU: {sum(after[2:4]) - sum(before[2:4]):.0f} s")
    for phase, (total, anonymous) in peaks.items():
        print(f"{phase}: {total / 1e9:.2f} GB of memory, {anonymous / 1e9:.2f} GB not of files")
    sys.exit(build.returncode)


if __name__ == "__main__":
    main()
