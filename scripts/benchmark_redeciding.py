"""Measure what a changed threshold costs when everything has been measured.

    python scripts/benchmark_redeciding.py [--documents 1000000] [--folder SCRATCH]

Synthetic documents of about 40 English words are built once. Then settings change, one after the
other. `corpus tune` is measured as a command, with all its processes. `corpus build` runs all of
its tasks in one process, so that the CPU time of writing the shards can be told from the rest:
reading the config, hashing the inputs, checking the cached results, and deciding.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FILES = 20
WORDS = [
    "the", "of", "and", "to", "in", "a", "is", "that", "for", "it", "was", "on", "are", "as",
    "with", "his", "they", "at", "be", "this", "from", "have", "or", "by", "one", "had", "not",
    "but", "what", "all", "were", "when", "we", "there", "can", "an", "your", "which", "their",
    "said", "if", "do", "will", "each", "about", "harbour", "council", "bridge", "river",
    "mayor", "budget", "storm", "winter", "market", "school", "station", "letter", "garden",
]  # fmt: skip

STAGES = (
    "language",
    "{stage: quality, gopher: paper}",
    "{stage: filter, words: {min: 5}}",
    "{stage: split, test: 0.01}",
)

CHANGES = (
    ("stages.filter.words.min=30", "a minimum of words"),
    ("stages.language.keep=[en, de]", "the languages that are kept"),
    ("stages.quality.rules={gopher.mean_word_length: {min: 4}}", "a bound of a quality rule"),
    ("stages.split.test=0.02", "a larger test split"),
)

CHILD = """
import sys, time
from pathlib import Path
from corpus.config.load import load_config
from corpus.pipeline import publish
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial

spent = 0.0
write = publish.write_build

def timed(*args, **settings):
    global spent
    began = time.process_time()
    try:
        return write(*args, **settings)
    finally:
        spent += time.process_time() - began

publish.write_build = timed
build(load_config(Path(sys.argv[1]), sys.argv[2:]), engine=Serial())
print(time.process_time(), spent)
"""


def write_inputs(folder: Path, documents: int) -> None:
    """Write the documents into several files."""
    for number in range(FILES):
        generator = random.Random(number)  # noqa: S311  no secret
        with (folder / f"{number:02d}.jsonl").open("w", encoding="utf-8") as out:
            for i in range(number, documents, FILES):
                text = " ".join(generator.choices(WORDS, k=generator.randint(20, 60)))
                out.write(json.dumps({"id": f"d{i}", "text": text}) + "\n")


def cpu_seconds(command: list[str]) -> tuple[float, str]:
    """Run a command; return the CPU time of all its processes, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, done.stdout


def build(config: Path, *changes: str) -> tuple[float, float]:
    """Build in one process; return its CPU time, and that of writing."""
    _, printed = cpu_seconds([sys.executable, "-P", "-c", CHILD, str(config), *changes])
    total, writing = printed.split()[-2:]
    return float(total), float(writing)


def measure(documents: int, folder: Path) -> dict[str, Any]:
    """Build once, then again with each change; print the CPU times."""
    (folder / "in").mkdir(parents=True)
    write_inputs(folder / "in", documents)
    size = sum(path.stat().st_size for path in (folder / "in").iterdir())
    print(f"{documents:,} documents, {size / 1e6:.0f} MB")
    config = folder / "c.yaml"
    config.write_text(
        f"name: c\nsources: [{{path: 'in/*'}}]\nstages: [{', '.join(STAGES)}]\n", encoding="utf-8"
    )
    began = time.perf_counter()
    total, writing = build(config)
    print(
        f"first build: {total:.1f} s of CPU, {time.perf_counter() - began:.1f} s, with one worker"
    )
    results: dict[str, Any] = {}
    for change, title in CHANGES:
        total, writing = build(config, change)
        line = f"build without writing {total - writing:5.1f} s, writing {writing:5.1f} s"
        if "split" not in change:
            tune = [sys.executable, "-m", "corpus", "tune", str(config), "--set", change]
            seconds, _ = cpu_seconds(tune)
            line += f", tune {seconds:5.1f} s"
        print(f"{title:30} {line}", flush=True)
        results[title] = line
    return results


def main() -> None:
    """Measure with the number of documents on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="for scratch files; must not exist")
    arguments = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if arguments.folder:
        measure(arguments.documents, arguments.folder)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measure(arguments.documents, Path(folder))


if __name__ == "__main__":
    main()
