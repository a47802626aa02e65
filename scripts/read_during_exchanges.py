"""Read a build in several ways while two builds take turns in its place; count mixed reads.

    .venv/bin/python scripts/read_during_exchanges.py --exchanges 500

A read is good if it gives all documents of one build, failed if it raises, and mixed if it gives
documents of both builds or not all of one without an error: that must never happen. `verify` is
mixed if it reports a difference.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

DOCUMENTS = 600


def make(folder: Path, name: str) -> Path:
    """Build a corpus in several shards, whose ids begin with its name."""
    import corpus
    from corpus.pipeline.engine import Serial

    records = [
        {"id": f"{name}{i}", "text": f"Report {i} of paper {name}. " * 20} for i in range(DOCUMENTS)
    ]
    (folder / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    settings = {
        "name": "news",
        "sources": [{"path": str(folder / f"{name}.jsonl")}],
        "stages": [{"stage": "split", "test": 0.1, "leakage_threshold": None}],
        "output": {"path": str(folder / name), "shard_size": "50kB"},
    }
    return Path(corpus.build(settings, engine=Serial(), progress=False).path)


def load(build: Path) -> list[str]:
    """Return all ids as `load_dataset` reads them."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        splits = datasets.load_dataset(str(build), cache_dir=cache)
        return [id for split in splits.values() for id in split["id"]]


def stream(build: Path) -> list[str]:
    """Return all ids as a stream of `datasets` reads them."""
    import datasets

    splits = datasets.load_dataset(str(build), streaming=True)
    return [row["id"] for split in splits.values() for row in split]


def arrow(build: Path) -> list[str]:
    """Return all ids as pyarrow reads the folder of the shards."""
    from pyarrow import dataset

    ids: list[str] = dataset.dataset(build / "data").to_table(columns=["id"])["id"].to_pylist()
    return ids


def verify(build: Path) -> list[str]:
    """Return ids as if all were read, or the differences that `verify` reports."""
    import corpus

    return list(corpus.verify(build).differences) or [f"a{i}" for i in range(DOCUMENTS)]


def read_again_and_again(read: Callable[[Path], list[str]], build: Path, end: Event) -> None:
    """Read until the end, and print how often each result came."""
    counts: Counter[str] = Counter()
    while not end.is_set():
        try:
            ids = read(build)
        except Exception as error:  # noqa: BLE001  whatever a reader raises is not a mixture
            counts[f"failed ({type(error).__name__})"] += 1
            continue
        whole = len(ids) == DOCUMENTS and len({id[0] for id in ids}) == 1
        counts["good" if whole else "mixed"] += 1
    sys.stdout.write(f"{read.__name__:8} {dict(counts.most_common())}\n")
    sys.stdout.flush()


def main() -> None:
    """Exchange two builds, and let other processes read meanwhile."""
    from corpus import storage

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=0.2, help="between two exchanges")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, end = Path(scratch), multiprocessing.Event()
        builds = [make(folder, name) for name in ("a", "b")]
        target, staged = folder / "news", folder / "staged"
        shutil.copytree(builds[0], target)
        readers = [
            multiprocessing.Process(target=read_again_and_again, args=(read, target, end))
            for read in (load, stream, arrow, verify)
        ]
        for reader in readers:
            reader.start()
        for n in range(arguments.exchanges):
            shutil.copytree(builds[(n + 1) % 2], staged)
            storage.publish(staged, target, folder / "old", lambda _: None)
            storage.remove(staged)
            time.sleep(arguments.seconds)
        end.set()
        for reader in readers:
            reader.join()
    sys.stdout.write(f"{arguments.exchanges} exchanges\n")


if __name__ == "__main__":
    main()
