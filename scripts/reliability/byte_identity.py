"""Build the same corpus in many ways: the bytes are the same.

Each variant differs in workers, sizes of chunks and batches, order of the lines, hash seed, locale,
time zone, threads, engine, and whether it was killed and resumed. Variants are drawn at random from
all combinations, with a fixed seed. Every file of a build is compared, without `run.json`.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Engine, Local, Serial
from reliability.builds import (
    PROJECT,
    Contents,
    build_here,
    contents,
    difference,
    outcome_in_child,
    write_corpus,
)
from reliability.failing_operations import layer_in_storage
from reliability.figure import Effort, Figure
from reliability.reordered_inputs import add_odd_records, masked_contents, reorder

NAME = (
    "byte-identity matrix: jobs x batch size x input order x hash seed x locale x time zone x "
    "threads x resumed x engine"
)
TARGET = "all equal"
CHOICES: dict[str, tuple[Any, ...]] = {
    "workers": (0, 1, 2, 3),  # 0 is the engine without workers
    "chunk_bytes": (1 << 25, 5000, 700),
    "batch_bytes": (1 << 22, 9000, 500),
    "batch_rows": (1000, 7, 1),
    "batch_columns": (1000, 1),
    "order": ("given", "reversed", "shuffled"),
    "PYTHONHASHSEED": ("0", "1", "random"),
    "LC_ALL": ("C", "C.UTF-8", "POSIX"),
    "TZ": ("UTC", "Pacific/Kiritimati", "America/St_Johns"),
    "OMP_NUM_THREADS": ("1", "4"),
    "resumed": (False, True),
}
PATCHES = {
    "corpus.sources.json.lines.CHUNK_BYTES": "chunk_bytes",
    "corpus.pipeline.sorted_runs.MAX_BATCH_BYTES": "batch_bytes",
    "corpus.sources.json.lines.BATCH_ROWS": "batch_rows",
    "corpus.sources.columns.surplus.MAX_BATCH_COLUMNS": "batch_columns",
}
CONFIG = """\
name: wagons
seed: 17
sources: [{path: 'in/*.jsonl'}]
stages:
  - clean
  - {stage: filter, words: {min: 5}}
  - {stage: language, keep: [en, und]}
  - deduplicate_lines
  - {stage: deduplicate, threshold: 0.7}
  - {stage: split, test: 0.2}
on_error: 0.5
output: {path: work/wagons, shard_size: 30kB, max_columns: 9}
"""


def variants(number: int) -> list[dict[str, Any]]:
    """Return distinct variants: each value of each setting occurs, and many of their pairs."""
    draw = random.Random("variants")  # noqa: S311  (no secret)
    found: list[dict[str, Any]] = []
    while len(found) < number:
        variant = {name: draw.choice(values) for name, values in CHOICES.items()}
        if variant["workers"]:  # values are patched in this process, not in workers
            variant |= {"chunk_bytes": CHOICES["chunk_bytes"][0]}
            variant |= {"batch_bytes": CHOICES["batch_bytes"][0]}
            variant |= {"batch_rows": CHOICES["batch_rows"][0], "batch_columns": 1000}
        if variant not in found:
            found.append(variant)
    return found


def build_variant(config: Path, variant: dict[str, Any]) -> None:
    """Build one variant in this process; `resumed` ones are killed first, at a random moment."""
    with ExitStack() as stack:
        for place, name in PATCHES.items():
            stack.enter_context(mock.patch(place, variant[name]))
        if variant["resumed"]:
            _build_until_killed(config, variant)
        loaded = load_config(config)
        build(loaded, engine=stack.enter_context(_engine(variant, loaded)))


def _engine(variant: dict[str, Any], config: Any) -> Any:
    from contextlib import nullcontext

    from corpus.pipeline.warm_up import work_order

    serial: Engine = Serial()
    workers = variant["workers"]
    return Local(workers, work_order(config.stages)) if workers else nullcontext(serial)


def _build_until_killed(config: Path, variant: dict[str, Any]) -> None:
    """Build in a child, and kill it at one of its calls of `corpus.storage`."""
    draw = random.Random(json.dumps(variant))  # noqa: S311  (no secret)
    with layer_in_storage() as layer:
        layer.first, layer.error = draw.randrange(2, 40), None
        code, message = outcome_in_child(lambda: build_here(config), config.with_name("message"))
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the build to be killed failed: {message}")


def add_columns(folder: Path) -> None:
    """Add columns of mixed types to the records: more of them than the corpus may have."""
    number = 0
    for path in sorted((folder / "in").iterdir()):
        lines = []
        for line in path.read_bytes().splitlines(keepends=True):
            number += 1
            if line.startswith(b"{"):
                score: object = (number, str(number), {"b": number, "a": 1}, None)[number % 4]
                own = {"score": score, f"only{number % 5}": number, f"rare{number}": True}
                line = json.dumps(json.loads(line) | own).encode() + b"\n"  # noqa: PLW2901
            lines.append(line)
        path.write_bytes(b"".join(lines))


class Built(NamedTuple):
    """The files of a build: all bytes, and without what the order of the lines may change."""

    files: Contents
    masked: Contents


def build_in_new_process(folder: Path, variant: dict[str, Any]) -> Built | str:
    """Return the files of a variant that was built in a process of its own, or its error."""
    shutil.rmtree(folder, ignore_errors=True)
    config = write_corpus(folder, files=3, per_file=30)
    config.write_text(CONFIG)
    add_columns(folder)
    add_odd_records(folder)
    reorder(folder, variant["order"])
    names = {name: value for name, value in variant.items() if name.isupper()}
    ended = subprocess.run(
        [sys.executable, "-m", "reliability.byte_identity", str(config), json.dumps(variant)],
        env=os.environ | names | {"PYTHONPATH": f"{PROJECT}:{PROJECT / 'scripts'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        return (ended.stderr.strip().splitlines() or [f"exit {ended.returncode}"])[-1]
    files, masked = (read(folder / "work" / "wagons") for read in (contents, masked_contents))
    return Built(files, masked) if files and masked else "no build"


def measure(effort: Effort) -> list[Figure]:
    """Return the figure of the matrix."""
    plain = {name: values[0] for name, values in CHOICES.items()}
    reference = build_in_new_process(effort.scratch / "reference", plain)
    if isinstance(reference, str):
        raise TypeError(f"the reference cannot be built: {reference}")
    wrong = []
    drawn = variants(effort.choose(quick=3, full=120))
    for variant in drawn:
        seen = build_in_new_process(effort.scratch / "variant", variant)
        if isinstance(seen, str):
            differ = seen
        else:
            differ = (
                difference(seen.files, reference.files)
                if variant["order"] == "given"
                else difference(seen.masked, reference.masked)
            )
        if differ:
            wrong.append(f"{json.dumps(variant)}: {differ}")
    measured = f"{len(drawn) - len(wrong)} of {len(drawn)} variants equal"
    return [Figure(NAME, TARGET, measured, not wrong, tuple(wrong))]


if __name__ == "__main__":
    build_variant(Path(sys.argv[1]), json.loads(sys.argv[2]))
