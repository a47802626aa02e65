"""Deduplicate millions of synthetic documents and print what each of them costs.

    python scripts/simulate_scale.py [1 10 50] [--folder SCRATCH] [--gib 8]

The numbers are millions of documents: 27 random words each, 243 bytes; every tenth group of four
differs in its last word alone (a Jaccard of 0.92), so 7.5 % go. Signatures are real and lie
memory-mapped on disk, 256 bytes a document, as a build has them, and so do the keys of their bands
where they are many; texts are made anew when they are compared. Memory is what the process holds
itself (anonymous): pages of mapped files are the system's to drop. Ends with exit 1 if a run takes
more than it may, or removes anything else.
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

PART = 250_000
WORDS, LETTERS = 27, 8


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return numbers that look random (splitmix64)."""
    x = x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def copies(number: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the documents are near copies of the first of their four."""
    return (number // 4 % 10 == 0) & (number % 4 > 0)


def texts(number: NDArray[np.int64]) -> pa.LargeStringArray:
    """Return the texts of documents given by number."""
    base = np.where(copies(number), number // 4 * 4, number).astype(np.uint64)
    seed = base[:, None] * np.uint64(WORDS) + np.arange(WORDS, dtype=np.uint64)
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
    """Return the texts of documents of a part."""
    return pa.record_batch({TEXT: texts(part * PART + rows)})


def split_removed(number: int, folder: Path) -> pa.RecordBatch:
    """Return what is observed of one part, memory-mapped."""
    every = np.arange(number * PART, (number + 1) * PART)
    both = np.stack([mix(every.astype(np.uint64)), every.astype(np.uint64)], axis=1)
    sixteen = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), PART, [None, pa.py_buffer(np.ascontiguousarray(both))]
    )
    columns = {
        KEY: sixteen,
        ID: pa.array(every).cast(pa.string()),
        "content": sixteen,
        "characters": pa.array(np.full(PART, WORDS * (LETTERS + 1))),
    }
    made = pa.record_batch({TEXT: texts(every)})
    batch = pa.record_batch(columns | Signatures().columns(made))
    path = folder / f"{number:06d}.arrow"
    with ipc.new_file(str(path), batch.schema) as out:
        out.write_batch(batch)
    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)


class Memory:
    """The most anonymous memory that the process held while this ran, in bytes."""

    def __enter__(self) -> Self:
        """Begin to watch."""
        self.most, self._done = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        for held in self._held():
            self.most = max(self.most, held)
            if self._done.wait(0.1):
                return

    @staticmethod
    def _held() -> Iterator[int]:
        while True:
            for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
                if line.startswith("RssAnon"):
                    yield int(line.split()[1]) << 10


def run(count: int, folder: Path) -> int:
    """Deduplicate so many documents; print their cost, return the most memory held in bytes."""
    stage = Deduplicate()
    stage.kernels()
    began = time.process_time()
    parts = [split_removed(number, folder) for number in range(count // PART)]
    space = partial(storage.disk_array, folder)
    corpus = CorpusView(parts, fetch, np.ones(count, np.bool_), space=space)
    seen = time.process_time() - began
    with Memory() as memory:
        began, wall = time.process_time(), time.monotonic()
        decided = stage.decide(corpus)
        seconds, wall = time.process_time() - began, time.monotonic() - wall
    gone = decided["reason"].is_valid().to_numpy(zero_copy_only=False)
    if not np.array_equal(gone.reshape(-1, 4).sum(1) > 0, np.arange(count // 4) % 10 == 0):
        raise SystemExit("other documents went than should")
    if gone.sum() != copies(np.arange(count)).sum():
        raise SystemExit(f"{gone.sum():,} went, not {copies(np.arange(count)).sum():,}")
    print(
        f"{count / 1e6:g} million: {gone.sum():,} removed; observed in {seen:.0f} s, decided in "
        f"{seconds:.0f} s of CPU ({wall:.0f} s): {1e6 * seconds / count:.2f} µs and "
        f"{memory.most / count:.0f} bytes a document, {memory.most / (1 << 30):.2f} GiB in all; "
        f"{stage.facts(decided)['compared']:,} pairs compared",
        flush=True,
    )
    return memory.most


def main() -> None:
    """Run each size in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("millions", nargs="*", type=float, default=[1, 10, 50])
    parser.add_argument("--folder")
    parser.add_argument("--gib", type=float, default=8)
    said = parser.parse_args()
    for millions in said.millions:
        with tempfile.TemporaryDirectory(dir=said.folder) as folder:
            most = run(round(millions * 1e6) // PART * PART, Path(folder))
        if most > said.gib * (1 << 30):
            raise SystemExit(f"more than {said.gib:g} GiB were held")


if __name__ == "__main__":
    main()
