"""Read a build while it is exchanged with another one: no reader may get a mix of the two.

A writer exchanges two builds, as a build does when it is published. Meanwhile, four readers read
the place again and again: `load_dataset`, `load_dataset` with streaming, pyarrow, and `verify`. A
read may fail with an error. It is wrong if it passes, and has documents of both or not all of one.
"""

from __future__ import annotations

import inspect
import multiprocessing
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.queues import Queue
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path

from corpus import storage
from reliability.builds import articles, build_here, lines
from reliability.figure import Effort, Figure
from reliability.processes import seconds_until

NAME = "readers during {exchanges} exchanges (load_dataset, streaming, pyarrow, verify)"
TARGET = "mixed reads that pass as good: 0"
DOCUMENTS = 1500
SECONDS_BETWEEN = 0.4
MAX_SECONDS = 600
CONFIG = """\
name: news
sources: [{path: 'NAME.jsonl'}]
stages: [{stage: split, test: 0.1}]
output: {path: NAME/news, shard_size: 60kB}
"""


def make_builds(folder: Path) -> dict[str, Path]:
    """Return two builds whose documents have ids that begin with `A` or `B`."""
    builds = {}
    for number, name in enumerate("AB"):
        rows = articles(number * DOCUMENTS, (number + 1) * DOCUMENTS, sentences=3)
        data = lines([row | {"id": f"{name}{row['id']}"} for row in rows])
        (folder / f"{name}.jsonl").write_bytes(data)
        config = folder / f"{name}.yaml"
        config.write_text(CONFIG.replace("NAME", name))
        build_here(config)
        builds[name] = folder / name / "news"
    return builds


def _publish(staged: Path, target: Path, old: Path) -> None:
    """Publish as a build does, without its check for files that do not belong to a build."""
    more = len(inspect.signature(storage.publish).parameters) - 3
    storage.publish(staged, target, old, *[lambda _: None] * more)


def exchange(
    builds: dict[str, Path], target: Path, times: int, wait: Callable[[], object] = bool
) -> None:
    """Publish the two builds in turns; call `wait` after each time."""
    for number in range(times):
        staged, old = target.with_name("staged"), target.with_name("old")
        shutil.rmtree(staged, ignore_errors=True)
        shutil.copytree(builds["AB"[number % 2]], staged)
        _publish(staged, target, old)
        storage.remove(old)
        wait()


def load(folder: Path) -> list[str]:
    """Return the ids that `load_dataset` reads."""
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        splits = datasets.load_dataset(str(folder), cache_dir=cache)
        return [id for split in splits.values() for id in split["id"]]


def stream(folder: Path) -> list[str]:
    """Return the ids that `load_dataset` streams."""
    import datasets

    splits = datasets.load_dataset(str(folder), streaming=True)
    return [row["id"] for split in splits.values() for row in split]


def arrow(folder: Path) -> list[str]:
    """Return the ids that pyarrow reads from the folder of shards."""
    import pyarrow.dataset

    table = pyarrow.dataset.dataset(folder / "data").to_table(columns=["id"])
    return [str(id) for id in table.column("id").to_pylist()]


def check(folder: Path) -> list[str]:
    """Raise `AssertionError` if `verify` finds differences; they are false alarms here."""
    from corpus.builds.verify import verify

    found = verify(folder)
    if not found:
        raise AssertionError(f"false alarm: {found.differences[0]}")
    return []


READERS: dict[str, Callable[[Path], list[str]]] = {
    "load_dataset": load,
    "streaming": stream,
    "pyarrow": arrow,
    "verify": check,
}


def judge(ids: list[str]) -> str:
    """Return what is wrong with the ids of a read that passed; empty if nothing is."""
    origins = {id[0] for id in ids}
    if len(origins) > 1:
        return "documents of both builds"
    return f"{len(ids)} documents" if ids and len(ids) != DOCUMENTS else ""


def keep_reading(
    name: str, folder: Path, stop: Event, reads: Synchronized[int], seen: Counter[str]
) -> None:
    """Read again and again; count what each read was."""
    import datasets

    datasets.disable_progress_bars()
    while not stop.is_set():
        try:
            what = judge(READERS[name](folder)) or "good"
        except Exception as error:  # noqa: BLE001  an error is a good answer to an exchange
            false_alarm = isinstance(error, AssertionError)
            what = "false alarm" if false_alarm else f"error {type(error).__name__}"
        seen[what] += 1
        with reads.get_lock():
            reads.value += 1


def _reader(
    name: str,
    folder: Path,
    stop: Event,
    reads: Synchronized[int],
    results: Queue[tuple[str, dict[str, int]]],
) -> None:
    seen: Counter[str] = Counter()
    keep_reading(name, folder, stop, reads, seen)
    results.put((name, dict(seen)))


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of all readers."""
    builds = make_builds(effort.scratch)
    target = effort.scratch / "place" / "news"
    target.parent.mkdir()
    exchange(builds, target, 1)
    exchanges = effort.choose(quick=10, full=500)
    processes = multiprocessing.get_context("spawn")
    stop, reads = processes.Event(), processes.Value("i", 0)
    results: Queue[tuple[str, dict[str, int]]] = processes.Queue()
    draw = random.Random("exchanges")  # noqa: S311  (no secret)

    def wait() -> None:
        before = reads.value
        seconds_until(lambda: reads.value > before, MAX_SECONDS)
        time.sleep(draw.uniform(0, SECONDS_BETWEEN))  # so it meets a read at any moment

    readers = [
        processes.Process(target=_reader, args=(name, target, stop, reads, results))
        for name in READERS
    ]
    for reader in readers:
        reader.start()
    seconds_until(lambda: reads.value >= len(readers), MAX_SECONDS)
    exchange(builds, target, exchanges, wait)
    stop.set()
    seen = dict(results.get(timeout=MAX_SECONDS) for _ in readers)
    for reader in readers:
        reader.join()
    return [figure(seen, exchanges)]


def figure(seen: dict[str, dict[str, int]], exchanges: int) -> Figure:
    """Return the figure of what the readers have seen."""
    expected = ("good", "false alarm")
    mixed = {
        (name, what): n
        for name, counts in seen.items()
        for what, n in counts.items()
        if what not in expected and not what.startswith("error")
    }
    alarms = seen["verify"].get("false alarm", 0)
    reads = sum(sum(counts.values()) for counts in seen.values())
    measured = f"{sum(mixed.values())} of {reads:,} reads; false alarms of verify: {alarms}"
    wrong = [f"{name}: {what}: {n} reads" for (name, what), n in sorted(mixed.items())]
    wrong += [f"verify: false alarm: {alarms} reads"] if alarms else []
    notes = tuple(f"{name}: {counts}" for name, counts in sorted(seen.items()))
    name = NAME.format(exchanges=exchanges)
    return Figure(name, TARGET, measured, bool(reads) and not wrong, tuple(wrong), notes)
