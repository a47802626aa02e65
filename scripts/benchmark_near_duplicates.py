"""Measure the speed of MinHash signatures and of the stages that use them, and of other tools.

    python scripts/benchmark_near_duplicates.py NEWS.jsonl[.zst] [--languages LANGUAGES.jsonl[.zst]]
                                                [--peers PYTHON] [--megabytes 10]

Each line of NEWS has `text`; each line of LANGUAGES has `text`, `lang` and `kind`. PYTHON is an
interpreter in an environment of its own; those of datasketch, rensa, daft and text-dedup that it
has are measured. All tools get the same texts, shingles of five words, and 128 hashes. The script
prints megabytes (10^6 bytes of UTF-8) per second of processor time, all threads included: for
signatures the median and the best of fifteen runs, for stages the best of two, for other tools a
single run, on fewer texts if the tool is slow. The best run shows what an undisturbed core does.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

PERMUTATIONS, WORDS = 128, 5
SCRIPTS = {
    "Latin": ("en", "de", "fr", "es", "it", "pl", "tr"),
    "Cyrillic": ("ru", "uk", "bg", "sr", "mk"),
    "Arabic": ("ar", "fa", "ur"),
    "Thai": ("th",),
    "Chinese": ("zh",),
    "Japanese": ("ja",),
    "Devanagari": ("hi", "mr", "ne"),
}


def read_records(path: str) -> list[dict[str, Any]]:
    """Return the records of a JSONL file, which may be compressed."""
    import pyarrow as pa

    compression = "zstd" if path.endswith(".zst") else None
    with pa.input_stream(path, compression=compression) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def size_of(texts: list[str]) -> int:
    """Return the size of the texts in bytes of UTF-8."""
    return sum(len(text.encode()) for text in texts)


def repeated(texts: list[str], size: int) -> list[str]:
    """Return the texts, repeated until they have about `size` bytes."""
    times = max(1, round(size / size_of(texts)))
    return texts * times


def rates(call: Callable[[], object], size: int, *, runs: int) -> list[float]:
    """Return the megabytes per second of processor time of each run."""
    measured = []
    for _ in range(runs):
        start = time.process_time()
        call()
        measured.append(size / 1e6 / (time.process_time() - start))
    return measured


def best_rate(call: Callable[[], object], size: int, *, runs: int) -> float:
    """Return the megabytes per second of processor time of the best run."""
    return max(rates(call, size, runs=runs))


def signature_rates(texts: list[str]) -> tuple[float, float]:
    """Return the speed of this package's signatures, in MB/s: the median and the best run."""
    import pyarrow as pa

    from corpus.similarity.signatures import signatures

    column = pa.array(texts, pa.large_string())
    signatures(column.slice(0, 1), words=WORDS, hashes=PERMUTATIONS)
    measured = rates(
        lambda: signatures(column, words=WORDS, hashes=PERMUTATIONS), size_of(texts), runs=15
    )
    return median(measured), max(measured)


def stage_rates(texts: list[str]) -> dict[str, float]:
    """Return the speed of observing, of deciding, and of both, for deduplicate and split."""
    import pyarrow as pa

    from corpus.documents import ID, KEY, TEXT
    from corpus.observations import in_memory
    from corpus.stages.deduplicate import Deduplicate
    from corpus.stages.split import Split

    size, measured = size_of(texts), {}
    keys = [k.to_bytes(16, "big") for k in range(len(texts))]
    batch = pa.record_batch(
        {
            ID: [str(k) for k in range(len(texts))],
            KEY: pa.array(keys, pa.binary(16)),
            TEXT: pa.array(texts, pa.large_string()),
        }
    )
    for stage in (Deduplicate(), Split()):
        stage.kernels()
        corpus = in_memory(batch, stage.observes())
        observe = best_rate(partial(in_memory, batch, stage.observes()), size, runs=2)
        decide = best_rate(partial(stage.decide, corpus), size, runs=2)
        measured[f"{stage.stage}: content hash and signature"] = observe
        measured[f"{stage.stage}: from signature to verified removals"] = decide
        measured[f"{stage.stage}: all"] = 1 / (1 / observe + 1 / decide)
    return measured


# --- other tools: each function returns a callable that makes the signatures of all texts


def shingles(text: str) -> list[str]:
    """Return the shingles of a text, made as a user of such a tool would."""
    import re

    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))]


def datasketch(texts: list[str]) -> Callable[[], object]:
    """Return a call of datasketch, by its fastest way to make one signature after another."""
    from datasketch import MinHash

    def run() -> None:
        for text in texts:
            MinHash(PERMUTATIONS).update_batch([shingle.encode() for shingle in shingles(text)])

    return run


def rensa(texts: list[str]) -> Callable[[], object]:
    """Return a call of Rensa's RMinHash, with shingles made in Python."""
    from rensa import RMinHash

    def run() -> None:
        for text in texts:
            RMinHash(PERMUTATIONS, 42).update(shingles(text))

    return run


def rensa_precomputed(texts: list[str]) -> Callable[[], object]:
    """Return a call of Rensa's RMinHash, with shingles made beforehand and not measured."""
    from rensa import RMinHash

    precomputed = [shingles(text) for text in texts]

    def run() -> None:
        for shingles_of_text in precomputed:
            RMinHash(PERMUTATIONS, 42).update(shingles_of_text)

    return run


def daft(texts: list[str]) -> Callable[[], object]:
    """Return a call of Daft's minhash, after its own text normalisation."""
    import daft as tool
    from daft.functions import minhash, normalize

    frame = tool.from_pydict({"text": texts}).collect()
    plain = normalize(tool.col("text"), remove_punct=True, lowercase=True, white_space=True)
    signature = minhash(
        plain, num_hashes=PERMUTATIONS, ngram_size=WORDS, seed=1, hash_function="xxhash3_64"
    )
    return lambda: frame.select(signature).collect()


def text_dedup(texts: list[str]) -> Callable[[], object]:
    """Return a call of text-dedup's signature of one document, with xxh3."""
    import numpy as np
    from text_dedup.minhash import embed_func, xxh3_32hash

    prime, state = np.uint64((1 << 61) - 1), np.random.RandomState(42)
    drawn = [state.randint(low, prime, PERMUTATIONS, dtype=np.uint64) for low in (1, 0)]
    settings = {
        "num_perm": PERMUTATIONS,
        "ngram_size": WORDS,
        "min_length": 0,
        "hashranges": [(j, j + 8) for j in range(0, PERMUTATIONS, 8)],
        "permutations": tuple(drawn),
        "hash_func": xxh3_32hash,
        "dtype": np.uint64,
        "max_hash": np.uint32((1 << 32) - 1),
        "modulo_prime": prime,
    }
    return lambda: [embed_func(text, k, **settings) for k, text in enumerate(texts)]


PEERS: dict[str, tuple[Callable[[list[str]], Callable[[], object]], float]] = {
    "daft": (daft, 1),
    "rensa": (rensa, 0.3),
    "rensa, shingles precomputed": (rensa_precomputed, 0.3),
    "datasketch": (datasketch, 0.1),
    "text-dedup": (text_dedup, 0.1),
}
"""Each tool, and the share of the texts that it is measured on."""


def run_peer(name: str, file: str) -> None:
    """Measure one tool in its own process, and print its speed as JSON."""
    make, share = PEERS[name]
    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    chosen = texts[: max(1, round(share * len(texts)))]
    print(json.dumps(best_rate(make(chosen), size_of(chosen), runs=1)))


def peer_rates(python: str, texts: list[str]) -> dict[str, float]:
    """Return the speed of each tool that an interpreter has, in MB/s."""
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        for name in PEERS:
            command = [python, __file__, "--peer", name, str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                errors = [line for line in done.stderr.splitlines() if "Error" in line]
                reason = (errors or [f"exit code {done.returncode}"])[-1]
                print(f"{name}: not measured, {reason[:90]}")
            else:
                measured[name] = float(done.stdout.splitlines()[-1])
    return measured


def print_signature_rates(label: str, texts: list[str]) -> float:
    """Print the speed of signatures of these texts; return the median in MB/s."""
    usual, best = signature_rates(texts)
    print(f"{label}: {usual:.0f} MB/s, best run {best:.0f}")
    return usual


def print_script_rates(path: str, megabytes: float) -> None:
    """Print the speed of signatures of articles in each script."""
    by_language = defaultdict(list)
    for row in read_records(path):
        if row.get("kind", "").startswith("article"):
            by_language[row["lang"].split("-")[0]].append(row["text"])
    for script, languages in SCRIPTS.items():
        texts = [text for language in languages for text in by_language[language]]
        label = f"signatures of articles, {script}"
        print_signature_rates(label, repeated(texts, int(megabytes * 1e6)))


def main() -> None:
    """Print all measurements."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("news", nargs="?")
    parser.add_argument("--languages")
    parser.add_argument("--peers")
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        run_peer(*arguments.peer)
        return
    news = [row["text"] for row in read_records(arguments.news)]
    label = f"signatures of news, {size_of(news) / 1e6:.0f} MB"
    news_rate = print_signature_rates(label, news)
    joined = " ".join(news)
    long_text = (joined * (1 + round(100e6 / len(joined))))[: 100 * 10**6]
    label = f"signature of one text of {size_of([long_text]) / 1e6:.0f} MB"
    print_signature_rates(label, [long_text])
    if arguments.languages:
        print_script_rates(arguments.languages, arguments.megabytes)
    for name, rate in stage_rates(news).items():
        print(f"{name}: {rate:.0f} MB/s")
    if arguments.peers:
        for name, rate in peer_rates(arguments.peers, news).items():
            print(f"{name}: {rate:.1f} MB/s; this package is {news_rate / rate:.0f} times as fast")


if __name__ == "__main__":
    main()
