"""Run deduplicate and split on inputs that break such tools; print their time and memory.

    python scripts/stress_near_duplicates.py [--scale 1.0] [NAME ...]

    long        one text of 500 MB
    equal       a million equal texts
    bucket      a million texts of one template: they share bands, but are below the threshold
    pool        8,000 texts of 60 random sentences each, drawn from the same 100: quadratic
    near        a million near copies of one text
    word        one word, 50 million times
    random      100 MB of random bytes, not UTF-8

Each input has its own process, so that its peak memory is its own. `--scale` makes them smaller.
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
    """Return one text of 500 MB with a million distinct words."""
    part = " ".join(f"word{k % 1_000_003}" for k in range(5_000_000))
    return pa.array([part * max(1, round(500e6 * scale / len(part)))], pa.large_string())


def equal(scale: float) -> pa.Array:
    """Return a million equal texts."""
    text = "the same words are in each of them, however many of them there may be"
    return pa.array([text] * round(1e6 * scale), pa.large_string())


def bucket(scale: float) -> pa.Array:
    """Return a million texts of one template; every two have a Jaccard similarity of 0.58."""
    words = [f"of{k}" for k in range(60)]
    places = (10, 30, 50)

    def text(k: int) -> str:
        filled = list(words)
        for place in places:
            filled[place] = f"own{k}x{place}"
        return " ".join(filled)

    return pa.array([text(k) for k in range(round(1e6 * scale))], pa.large_string())


def pool(scale: float) -> pa.Array:
    """Return texts of 60 of the same 100 sentences; most pairs have a similarity of about 0.4."""
    draw = np.random.default_rng(1)
    sentences = [" ".join(f"w{k}" for k in draw.integers(0, 5000, 10)) for _ in range(100)]

    def text() -> str:
        return " ".join(sentences[k] for k in np.sort(draw.permutation(100)[:60]))

    return pa.array([text() for _ in range(round(8000 * scale))], pa.large_string())


def near(scale: float) -> pa.Array:
    """Return a million texts that differ only in their last word."""
    body = " ".join(f"of{k}" for k in range(60))
    return pa.array([f"{body} {k}" for k in range(round(1e6 * scale))], pa.large_string())


def word(scale: float) -> pa.Array:
    """Return one word repeated 50 million times, and the same with another word at the end."""
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
    """Return texts as a batch of documents."""
    keys = np.zeros((len(texts), 2), ">u8")
    keys[:, 1] = np.arange(len(texts))
    raw = pa.py_buffer(np.ascontiguousarray(keys))
    key = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(texts), [None, raw])
    ids = pa.array(np.arange(len(texts))).cast(pa.string())
    return pa.record_batch({ID: ids, KEY: key, TEXT: texts})


def lines(name: str, scale: float) -> Iterator[str]:
    """Yield a line per stage: what it does with an input, and what that costs."""
    batch = batch_of(INPUTS[name](scale))
    stages: tuple[CorpusStage, ...] = (Deduplicate(), Split(test=0.01))
    for stage in stages:
        stage.kernels()
        start = time.process_time()
        corpus = in_memory(batch, stage.observes())
        observe = time.process_time() - start
        decisions = stage.decide(corpus)
        decide = time.process_time() - start - observe
        outcome = f"{decisions['reason'].null_count:,} of {batch.num_rows:,} kept"
        if isinstance(stage, Split):
            outcome = f"{decisions['reason'].is_valid().sum().as_py():,} leaks"
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
        compared = stage.metrics(decisions)["compared"]
        yield (
            f"{name}: {stage.stage}: {outcome}; {observe:.1f} s to observe, {decide:.1f} s to "
            f"decide ({compared:,} pairs), {batch.nbytes / 1e6:.0f} MB of input, {peak:.2f} GiB"
        )


def main() -> None:
    """Run each input in its own process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*INPUTS, []])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for name in arguments.names or INPUTS:
        if arguments.here:
            for line in lines(name, arguments.scale):
                print(line, flush=True)
        else:
            command = [sys.executable, __file__, name, "--here", "--scale", str(arguments.scale)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
