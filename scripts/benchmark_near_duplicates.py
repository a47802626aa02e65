"""Measure MinHash signatures, and the stages on top of them, beside other tools in one run.

    python scripts/benchmark_near_duplicates.py NEWS.jsonl[.zst] [--languages LANGUAGES.jsonl[.zst]]
                                                [--peers PYTHON] [--megabytes 10]

Each line of NEWS has `text`; each of LANGUAGES `text` and `lang`. PYTHON is an interpreter that has
the peers (datasketch, rensa, daft, text-dedup: those it has are measured), in an environment of its
own. All tools get the same texts: shingles of five words, 128 hashes. Printed are megabytes (10^6
bytes of UTF-8) a second of processor time, all threads counted: of signatures the median of fifteen
turns and the best, which is what a core does that nobody shares; of stages the best of two; one
turn of a peer's, on fewer texts where it is slow.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
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


def texts_of(path: str) -> list[dict[str, Any]]:
    """Return the records of a JSONL file, packed or not."""
    import pyarrow as pa

    packed = "zstd" if path.endswith(".zst") else None
    with pa.input_stream(path, compression=packed) as file:
        return [json.loads(line) for line in file.read().splitlines()]


def size_of(texts: list[str]) -> int:
    """Return how many bytes the texts have, UTF-8."""
    return sum(len(text.encode()) for text in texts)


def repeated(texts: list[str], size: int) -> list[str]:
    """Return the texts again and again until they have so many bytes."""
    times = max(1, round(size / size_of(texts)))
    return texts * times


def rates(call: Callable[[], object], size: int, *, turns: int) -> list[float]:
    """Return the megabytes a second of processor time, in each of some turns."""
    found = []
    for _ in range(turns):
        began = time.process_time()
        call()
        found.append(size / 1e6 / (time.process_time() - began))
    return found


def rate(call: Callable[[], object], size: int, *, turns: int) -> float:
    """Return the megabytes a second of processor time, in the best of some turns."""
    return max(rates(call, size, turns=turns))


def ours(texts: list[str]) -> tuple[float, float]:
    """Return the pace of this package's signatures: the median and the best."""
    import pyarrow as pa

    from corpus.similarity.signatures import signatures

    column = pa.array(texts, pa.large_string())
    signatures(column.slice(0, 1), words=WORDS, hashes=PERMUTATIONS)
    found = rates(
        lambda: signatures(column, words=WORDS, hashes=PERMUTATIONS), size_of(texts), turns=15
    )
    return median(found), max(found)


def stages(texts: list[str]) -> dict[str, float]:
    """Return the pace of observing, of deciding, and of both, for deduplicate and split."""
    import pyarrow as pa

    from corpus.documents import ID, KEY, TEXT
    from corpus.observations import in_memory
    from corpus.stages.deduplicate import Deduplicate
    from corpus.stages.split import Split

    size, found = size_of(texts), {}
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
        seen = rate(lambda s=stage: in_memory(batch, s.observes()), size, turns=2)
        decided = rate(lambda s=stage, c=corpus: s.decide(c), size, turns=2)
        found[f"{stage.stage}: content hash and signature"] = seen
        found[f"{stage.stage}: from signature to verified removals"] = decided
        found[f"{stage.stage}: all"] = 1 / (1 / seen + 1 / decided)
    return found


# --- peers: each function returns a call that makes the signatures of all texts


def shingles(text: str) -> list[str]:
    """Return the shingles of a text, as a tool's user would make them."""
    import re

    words = re.findall(r"\w+", text.lower())
    return [" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))]


def datasketch(texts: list[str]) -> Callable[[], object]:
    """datasketch, with the quickest of its ways to make one signature after another."""
    from datasketch import MinHash

    def run() -> None:
        for text in texts:
            MinHash(PERMUTATIONS).update_batch([found.encode() for found in shingles(text)])

    return run


def rensa(texts: list[str]) -> Callable[[], object]:
    """Rensa's RMinHash, shingled in Python."""
    from rensa import RMinHash

    def run() -> None:
        for text in texts:
            RMinHash(PERMUTATIONS, 42).update(shingles(text))

    return run


def rensa_ready(texts: list[str]) -> Callable[[], object]:
    """Rensa's RMinHash, with shingles ready made: not counted."""
    from rensa import RMinHash

    ready = [shingles(text) for text in texts]

    def run() -> None:
        for found in ready:
            RMinHash(PERMUTATIONS, 42).update(found)

    return run


def daft(texts: list[str]) -> Callable[[], object]:
    """Daft's minhash, behind its own normalisation of text."""
    import daft as tool
    from daft.functions import minhash, normalize

    frame = tool.from_pydict({"text": texts}).collect()
    plain = normalize(tool.col("text"), remove_punct=True, lowercase=True, white_space=True)
    made = minhash(
        plain, num_hashes=PERMUTATIONS, ngram_size=WORDS, seed=1, hash_function="xxhash3_64"
    )
    return lambda: frame.select(made).collect()


def text_dedup(texts: list[str]) -> Callable[[], object]:
    """text-dedup's embedding of one document, with xxh3."""
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
    "rensa, shingles ready": (rensa_ready, 0.3),
    "datasketch": (datasketch, 0.1),
    "text-dedup": (text_dedup, 0.1),
}
"""Each peer, and the share of the texts that is enough to see how slow it is."""


def run_peer(name: str, file: str) -> None:
    """Measure one peer, in its own process, and print its pace as JSON."""
    make, share = PEERS[name]
    texts = json.loads(Path(file).read_text(encoding="utf-8"))
    some = texts[: max(1, round(share * len(texts)))]
    call = make(some)
    print(json.dumps(rate(call, size_of(some), turns=1)))


def peers(python: str, texts: list[str]) -> dict[str, float]:
    """Return the pace of each peer that an interpreter has."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), encoding="utf-8")
        for name in PEERS:
            command = [python, __file__, "--peer", name, str(file)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                said = [line for line in done.stderr.splitlines() if "Error" in line]
                why = (said or [f"it ended with {done.returncode}"])[-1]
                print(f"{name}: not measured, {why[:90]}")
            else:
                found[name] = float(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("news", nargs="?")
    parser.add_argument("--languages")
    parser.add_argument("--peers")
    parser.add_argument("--megabytes", type=float, default=10)
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.peer:
        run_peer(*said.peer)
        return
    news = [row["text"] for row in texts_of(said.news)]
    of_news, best = ours(news)
    told = f"{of_news:.0f} MB/s, at best {best:.0f}"
    print(f"signatures of news, {size_of(news) / 1e6:.0f} MB: {told}")
    big = " ".join(news)
    whole = (big * (1 + round(100e6 / len(big))))[: 100 * 10**6]
    usual, best = ours([whole])
    told = f"{usual:.0f} MB/s, at best {best:.0f}"
    print(f"signature of one text of {size_of([whole]) / 1e6:.0f} MB: {told}")
    if said.languages:
        held = defaultdict(list)
        for row in texts_of(said.languages):
            if row.get("kind", "").startswith("article"):
                held[row["lang"].split("-")[0]].append(row["text"])
        for script, tags in SCRIPTS.items():
            some = repeated([t for tag in tags for t in held[tag]], int(said.megabytes * 1e6))
            usual, best = ours(some)
            print(f"signatures of articles, {script}: {usual:.0f} MB/s, at best {best:.0f}")
    for name, pace in stages(news).items():
        print(f"{name}: {pace:.0f} MB/s")
    if said.peers:
        for name, pace in peers(said.peers, news).items():
            print(f"{name}: {pace:.1f} MB/s; ours is {of_news / pace:.0f} times as fast")


if __name__ == "__main__":
    main()
