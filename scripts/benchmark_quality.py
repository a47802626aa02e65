"""Measure the speed of all signals of the stage `quality`, beside datatrove's chain of filters.

    python scripts/benchmark_quality.py TEXTS.jsonl[.zst] [--datatrove ENV/bin/python]
                                        [--peer-texts 300]

Each line of TEXTS has a `text`. Times are CPU times of one process, the best of several runs; the
texts are Arrow columns in memory. datatrove's chain is C4, Gopher repetition, Gopher quality and
FineWeb quality on the first `--peer-texts` texts, each on the unchanged text.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from compare_quality_rules import read_lines

RUNS = 5
BATCH_BYTES = 4 << 20


def run_peer(path: str) -> None:
    """Print the CPU seconds of datatrove's chain on the texts of a file."""
    document = importlib.import_module("datatrove.data").Document
    filters = importlib.import_module("datatrove.pipeline.filters")
    chain = [
        filters.C4QualityFilter(), filters.GopherRepetitionFilter(), filters.GopherQualityFilter(),
        filters.FineWebQualityFilter(),
    ]  # fmt: skip
    texts = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    chain[1].filter(document(text=texts[0], id="0"))  # loads the tokenizer
    start = time.process_time()
    for number, text in enumerate(texts):
        for one in chain:
            one.filter(document(text=text, id=str(number)))
    print(time.process_time() - start)


def batches(texts: list[str]) -> Iterator[list[str]]:
    """Yield the texts in batches of about 4 MB."""
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _row(what: str, size: int, n_texts: int, seconds: float) -> str:
    """Return a line of the result."""
    speed = size / seconds / 1e6
    return f"{what}: {n_texts:,} texts, {size / 1e6:.2f} MB, {seconds:.2f} s, {speed:.2f} MB/s"


def main() -> None:
    """Measure, or do the part of datatrove's environment."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("texts")
    parser.add_argument("--datatrove")
    parser.add_argument("--peer-texts", type=int, default=300)
    parser.add_argument("--peer", action="store_true")
    options = parser.parse_args()
    if options.peer:
        run_peer(options.texts)
        return
    import pyarrow as pa

    from corpus.signals.measure import measure_signals

    texts = [line["text"] for line in read_lines(options.texts)]
    columns = [pa.array(batch, pa.large_string()) for batch in batches(texts)]
    size = sum(len(text.encode()) for text in texts)
    measure_signals(columns[0].slice(0, 1))
    best = float("inf")
    for _ in range(RUNS):
        start = time.process_time()
        for column in columns:
            measure_signals(column)
        best = min(best, time.process_time() - start)
    print(_row("all signals", size, len(texts), best))
    if options.datatrove:
        part = texts[:: max(len(texts) // options.peer_texts, 1)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "texts.jsonl")
            path.write_text("".join(json.dumps(text) + "\n" for text in part), encoding="utf-8")
            command = [options.datatrove, __file__, "--peer", str(path)]
            seconds = float(
                subprocess.run(command, capture_output=True, check=True, text=True).stdout
            )
        size = sum(len(text.encode()) for text in part)
        print(_row("datatrove's chain", size, len(part), seconds))


if __name__ == "__main__":
    main()
