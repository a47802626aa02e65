"""Give deduplicate and split what breaks tools of their kind; print time and memory of each.

    python scripts/stress_near_duplicates.py [--scale 1.0] [NAME ...]

    long        one text of 500 MB
    equal       a million equal texts
    bucket      a million texts that share their bands with all others, and are near none
    pool        8,000 texts of 60 random sentences each, out of the same 100: quadratic
    near        a million near copies of one text
    word        one word, 50 million times
    random      100 MB of random bytes, not UTF-8

Each is its own process, so that its peak of memory is its own. `--scale` makes them smaller.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from corpus.arrow_buffers import strings
from corpus.documents import ID, KEY, TEXT
from corpus.observations import in_memory
from corpus.stages.base import CorpusStage
from corpus.stages.deduplicate import Deduplicate
from corpus.stages.split import Split


def long(scale: float) -> pa.Array:
    """Return one text of 500 MB, of a million different words."""
    some = " ".join(f"word{k % 1_000_003}" for k in range(5_000_000))
    return pa.array([some * max(1, round(500e6 * scale / len(some)))], pa.large_string())


def equal(scale: float) -> pa.Array:
    """Return a million equal texts."""
    text = "the same words are in each of them, however many of them there may be"
    return pa.array([text] * round(1e6 * scale), pa.large_string())


def bucket(scale: float) -> pa.Array:
    """Return a million texts of one template, of which every two have a Jaccard of 0.6."""
    words = [f"of{k}" for k in range(60)]
    places = (10, 30, 50)

    def text(k: int) -> str:
        found = list(words)
        for place in places:
            found[place] = f"own{k}x{place}"
        return " ".join(found)

    return pa.array([text(k) for k in range(round(1e6 * scale))], pa.large_string())


def pool(scale: float) -> pa.Array:
    """Return texts of 60 of the same 100 sentences each, of which most two are about 0.4 alike."""
    draw = np.random.default_rng(1)
    some = [" ".join(f"w{k}" for k in draw.integers(0, 5000, 10)) for _ in range(100)]

    def text() -> str:
        return " ".join(some[k] for k in np.sort(draw.permutation(100)[:60]))

    return pa.array([text() for _ in range(round(8000 * scale))], pa.large_string())


def near(scale: float) -> pa.Array:
    """Return a million texts that differ in their last word alone."""
    body = " ".join(f"of{k}" for k in range(60))
    return pa.array([f"{body} {k}" for k in range(round(1e6 * scale))], pa.large_string())


def word(scale: float) -> pa.Array:
    """Return one word again and again, and once more with another at the end."""
    text = "word " * round(50e6 * scale)
    return pa.array([text, f"{text} end"], pa.large_string())


def random(scale: float) -> pa.Array:
    """Return random bytes in texts of 1 kB."""
    size = round(1e5 * scale)
    data = np.random.default_rng(1).integers(0, 256, 1000 * size, np.uint8)
    return strings(data, np.arange(size + 1, dtype=np.int64) * 1000)


INPUTS: dict[str, Callable[[float], pa.Array]] = {
    make.__name__: make for make in (long, equal, bucket, pool, near, word, random)
}


def batch_of(texts: pa.Array) -> pa.RecordBatch:
    """Return texts as documents."""
    keys = np.zeros((len(texts), 2), ">u8")
    keys[:, 1] = np.arange(len(texts))
    raw = pa.py_buffer(np.ascontiguousarray(keys))
    key = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(texts), [None, raw])
    ids = pa.array(np.arange(len(texts))).cast(pa.string())
    return pa.record_batch({ID: ids, KEY: key, TEXT: texts})


def lines(name: str, scale: float) -> Iterator[str]:
    """Yield what each stage does with an input, and what it costs."""
    batch = batch_of(INPUTS[name](scale))
    stages: tuple[CorpusStage, ...] = (Deduplicate(), Split(test=0.01))
    for stage in stages:
        stage.kernels()
        began = time.process_time()
        corpus = in_memory(batch, stage.observes())
        seen = time.process_time() - began
        decided = stage.decide(corpus)
        spent = time.process_time() - began
        told = f"{decided['reason'].null_count:,} of {batch.num_rows:,} stay"
        if isinstance(stage, Split):
            told = f"{decided['reason'].is_valid().sum().as_py():,} leaks"
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        compared = stage.metrics(decided)["compared"]
        yield (
            f"{name}: {stage.stage}: {told}; {seen:.1f} s to observe, {spent - seen:.1f} s to "
            f"decide ({compared:,} pairs), {batch.nbytes / 1e6:.0f} MB of input, {most:.2f} GiB"
        )


def main() -> None:
    """Run each input in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*INPUTS, []])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    for name in said.names or INPUTS:
        if said.here:
            for line in lines(name, said.scale):
                print(line, flush=True)
        else:
            command = [sys.executable, __file__, name, "--here", "--scale", str(said.scale)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
