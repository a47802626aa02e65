"""Deciding takes few bytes of memory for each document."""

from __future__ import annotations

import sys
import tracemalloc
from contextlib import contextmanager
from functools import partial

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import ipc

from corpus import storage
from corpus.documents import ID, KEY
from corpus.observations import CorpusView, MappedParts
from corpus.similarity import band_keys
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.mix import Mix
from corpus.stages.split import Split

MAX_BYTES_PER_DOCUMENT = 64
MIX = Mix(by="language", budgets={"en": 100_000, "de": 10_000})

ARROW_POOLS = []
"""A pool must exist as long as anything that was allocated in it."""


class Memory:
    """The bytes that Python and Arrow have allocated together, at most so far.

    Python counts its own peak. What Arrow has is looked at whenever a function begins or ends: it
    is the larger of two looks in a row, so memory that Arrow needs for a single call is not seen.
    """

    def __init__(self, pool):
        self.peak = self.arrow = 0
        self._pool = pool

    def look(self, *_):
        """Note what is allocated now, and the most since the last look."""
        arrow = self._pool.bytes_allocated()
        python = tracemalloc.get_traced_memory()[1]
        self.peak = max(self.peak, python + max(arrow, self.arrow))
        self.arrow = arrow
        tracemalloc.reset_peak()


@contextmanager
def memory_of_python_and_arrow():
    """Return the memory that is allocated from now on."""
    usual = pa.default_memory_pool()
    ARROW_POOLS.append(pa.proxy_memory_pool(usual))
    memory = Memory(ARROW_POOLS[-1])
    pa.set_memory_pool(ARROW_POOLS[-1])
    tracemalloc.start()
    sys.setprofile(memory.look)
    try:
        yield memory
    finally:
        sys.setprofile(None)
        memory.look()
        tracemalloc.stop()
        pa.set_memory_pool(usual)


def observed_file(path, count, seed):
    """Write observations of different documents to a file, and return a function that maps it."""
    draw = np.random.default_rng(seed)

    def random_bytes(width):
        values = pa.py_buffer(draw.bytes(width * count))
        return pa.Array.from_buffers(pa.binary(width), count, [None, values])

    columns = {
        KEY: random_bytes(16),
        ID: pa.array(np.arange(count)).cast(pa.string()),
        "content": random_bytes(16),
        "characters": pa.array(draw.integers(100, 200, count)),
        "signature_5_128_1": random_bytes(256),
        "shingles_5": pa.array(np.full(count, 30)),
        "text_bytes": pa.array(np.full(count, 150)),
        "text_epochs": pa.nulls(count, pa.string()),
        "word_count": pa.array(draw.integers(10, 200, count)),
        "text_language": pa.array(draw.choice(["en", "de", "fr"], count)),
        "text_split": pa.array(draw.choice(["train", "test"], count)),
    }
    batch = pa.record_batch(columns)
    with ipc.new_file(str(path), batch.schema) as out:
        out.write_batch(batch)
    return partial(map_file, path)


def map_file(path):
    """Return the only batch of an Arrow file, memory-mapped."""
    return ipc.open_file(pa.memory_map(str(path))).get_batch(0)


def peak_of_deciding(stage, folder, parts):
    """Return the peak memory, in bytes, while a stage decides on parts of 15,000 documents.

    It includes what Arrow allocates.
    """
    openers = [observed_file(folder / f"{i}.arrow", 15_000, i) for i in range(parts)]
    corpus = CorpusView(
        MappedParts(tuple(openers)),
        lambda *_: pytest.fail("no text needs to be read"),
        np.ones(15_000 * parts, np.bool_),
        allocate=partial(storage.disk_array, folder / "arrays"),
    )
    with memory_of_python_and_arrow() as memory:
        decisions = stage.decide(corpus)
    removed = decisions.num_rows - decisions["reason"].null_count
    assert removed > 3_000 * parts if isinstance(stage, Mix) else removed == 0
    assert memory.arrow > decisions.nbytes / 2  # some columns are views of arrays of numpy
    return memory.peak


@pytest.mark.parametrize("stage", [Deduplicate(), Split(leakage_threshold=0.8), MIX])
def test_a_decision_takes_at_most_64_bytes_per_document(tmp_path, monkeypatch, stage):
    """With three times the documents, memory grows by at most 64 bytes for each of them."""
    monkeypatch.setattr(band_keys, "MAX_KEYS_IN_MEMORY", 0)
    stage.kernels()
    first, few, many = tmp_path / "first", tmp_path / "few", tmp_path / "many"
    for folder in (first, few, many):
        folder.mkdir()
    peak_of_deciding(stage, first, 1)  # what is imported and compiled once does not count
    growth = peak_of_deciding(stage, many, 3) - peak_of_deciding(stage, few, 1)
    assert growth <= MAX_BYTES_PER_DOCUMENT * 30_000
