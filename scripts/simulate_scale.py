"""Deduplicate millions of synthetic documents and print the cost per document.

    python scripts/simulate_scale.py [1 10 50] [--folder SCRATCH] [--gib 8]

The numbers are millions of documents. Each has 27 random words, 243 bytes. In every tenth group of
four, the documents differ only in their last word (Jaccard similarity 0.92), so 7.5 % of all
documents are removed. Signatures are real and memory-mapped from disk, 256 bytes per document, as
in a build; so are the keys of their bands if there are many. Texts are generated again when they
are compared. Memory means anonymous memory of the process: the system can drop the pages of mapped
files. Exits with 1 if a run needs more than the limit, or removes other documents.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from corpus import storage
from corpus.documents import ID, KEY, TEXT
from corpus.observations import CorpusView
from corpus.similarity.observations import Signatures
from corpus.stages.deduplicate import Deduplicate

DOCUMENTS_PER_PART = 250_000
WORDS, LETTERS = 27, 8


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return pseudo-random numbers (splitmix64)."""
    x = x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def copies(number: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which documents are near duplicates of the first one of their group of four."""
    return np.asarray((number // 4 % 10 == 0) & (number % 4 > 0))


def texts(number: NDArray[np.int64]) -> pa.LargeStringArray:
    """Return the texts of the documents with these numbers."""
    base = np.where(copies(number), number // 4 * 4, number).astype(np.uint64)
    words = np.arange(WORDS, dtype=np.uint64)
    seed = (base[:, None] * np.uint64(WORDS) + words).astype(np.uint64)
    seed[:, -1] = number.astype(np.uint64) + np.uint64(1 << 60)
    shifts = np.uint64(5) * np.arange(LETTERS, dtype=np.uint64)
    letters = (mix(seed)[:, :, None] >> shifts & np.uint64(15)).astype(np.uint8) + ord("a")
    spaced = np.full((len(number), WORDS, LETTERS + 1), ord(" "), np.uint8)
    spaced[:, :, :LETTERS] = letters
    offsets = np.arange(len(number) + 1, dtype=np.int64) * (WORDS * (LETTERS + 1))
    return pa.LargeStringArray.from_buffers(
        len(number), pa.py_buffer(offsets), pa.py_buffer(spaced)
    )


def fetch(part: int, rows: NDArray[np.int64], _: Sequence[str]) -> pa.RecordBatch:
    """Return the texts of these rows of a part."""
    return pa.record_batch({TEXT: texts(part * DOCUMENTS_PER_PART + rows)})


def observed_part(number: int, folder: Path) -> pa.RecordBatch:
    """Return the observations of one part, memory-mapped."""
    documents = np.arange(number * DOCUMENTS_PER_PART, (number + 1) * DOCUMENTS_PER_PART)
    halves = np.stack([mix(documents.astype(np.uint64)), documents.astype(np.uint64)], axis=1)
    keys = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), DOCUMENTS_PER_PART, [None, pa.py_buffer(np.ascontiguousarray(halves))]
    )
    columns = {
        KEY: keys,
        ID: pa.array(documents).cast(pa.string()),
        "content": keys,
        "characters": pa.array(np.full(DOCUMENTS_PER_PART, WORDS * (LETTERS + 1))),
    }
    with_text = pa.record_batch({TEXT: texts(documents)})
    batch = pa.record_batch(columns | Signatures().columns(with_text))
    path = folder / f"{number:06d}.arrow"
    with ipc.new_file(str(path), batch.schema) as out:
        out.write_batch(batch)
    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)


class PeakMemory:
    """Measures the peak anonymous memory of the process while its block runs, in bytes."""

    def __enter__(self) -> Self:
        """Start measuring."""
        self.peak, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop measuring."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        for size in self._anonymous_bytes():
            self.peak = max(self.peak, size)
            if self._done.wait(0.1):
                return

    @staticmethod
    def _anonymous_bytes() -> Iterator[int]:
        while True:
            for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
                if line.startswith("RssAnon"):
                    yield int(line.split()[1]) << 10


def run(count: int, folder: Path) -> int:
    """Deduplicate `count` documents, print the cost, and return the peak memory in bytes."""
    stage = Deduplicate()
    stage.kernels()
    began = time.process_time()
    parts = [observed_part(number, folder) for number in range(count // DOCUMENTS_PER_PART)]
    allocate = partial(storage.disk_array, folder)
    corpus = CorpusView(parts, fetch, np.ones(count, np.bool_), allocate=allocate)
    observe_seconds = time.process_time() - began
    with PeakMemory() as memory:
        began, wall = time.process_time(), time.monotonic()
        decisions = stage.decide(corpus)
        seconds, wall = time.process_time() - began, time.monotonic() - wall
    removed = decisions["reason"].is_valid().to_numpy(zero_copy_only=False)
    if not np.array_equal(removed.reshape(-1, 4).sum(1) > 0, np.arange(count // 4) % 10 == 0):
        raise SystemExit("the wrong documents were removed")
    if removed.sum() != copies(np.arange(count)).sum():
        raise SystemExit(f"{removed.sum():,} were removed, not {copies(np.arange(count)).sum():,}")
    print(
        f"{count / 1e6:g} million: {removed.sum():,} removed; observed in {observe_seconds:.0f} s, "
        f"decided in {seconds:.0f} s of CPU ({wall:.0f} s): {1e6 * seconds / count:.2f} µs and "
        f"{memory.peak / count:.0f} bytes per document, {memory.peak / (1 << 30):.2f} GiB in all; "
        f"{stage.metrics(decisions)['compared']:,} pairs compared",
        flush=True,
    )
    return memory.peak


def main() -> None:
    """Run each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("millions", nargs="*", type=float, default=[1, 10, 50])
    parser.add_argument("--folder")
    parser.add_argument("--gib", type=float, default=8)
    arguments = parser.parse_args()
    for millions in arguments.millions:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
            peak = run(
                round(millions * 1e6) // DOCUMENTS_PER_PART * DOCUMENTS_PER_PART, Path(folder)
            )
        if peak > arguments.gib * (1 << 30):
            raise SystemExit(f"more than {arguments.gib:g} GiB were needed")


if __name__ == "__main__":
    main()
