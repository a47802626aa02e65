"""Build a corpus: carry documents through the passes, and publish all that comes out or nothing.

build/news/            the build, exchanged for the old one in one step
build/.news/lock       one writer
build/.news/cache/     what the first pass made of each piece of input: a killed or changed build
starts from there build/.news/work/      scratch of the build that is running
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import storage
from corpus.callable_module import make_callable
from corpus.engine import Engine, Local, spread
from corpus.errors import ConfigError, InputError

if TYPE_CHECKING:
    from corpus.config import Config
    from corpus.decide import Decided
    from corpus.progress import Progress
    from corpus.scratch import Piece

INPUT_PER_WORKER = 32 << 20


@dataclass(frozen=True)
class Build:
    """A corpus on disk."""

    path: Path
    manifest: dict[str, Any]
    unchanged: bool = False
    """Nothing was done: the build that is there is what the config and its inputs make."""


@dataclass(frozen=True)
class Place:
    """Where a build and its scratch are."""

    target: Path

    @property
    def dot(self) -> Path:
        """The folder beside the build that holds lock, cache and scratch."""
        return self.target.with_name(f".{self.target.name}")

    @property
    def cache(self) -> Path:
        """What the first pass made of each piece."""
        return self.dot / "cache"

    @property
    def work(self) -> Path:
        """Scratch of the build that is running."""
        return self.dot / "work"

    @property
    def old(self) -> Path:
        """Where the old build is while it is exchanged."""
        return self.dot / "old"


def build(
    config: Config,
    *,
    jobs: int | None = None,
    engine: str | Engine = "local",
    limit: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Build the corpus that a config describes and return it; an unchanged one is left as it is.

    `limit` reads no more than so many records, for a trial. `engine` is `local`, or an engine of
    your own. Raises `ConfigError`, `InputError` or `EnvironmentFault`; whatever is raised, the old
    build stands.
    """
    from corpus.progress import silent

    place = Place(config.destination)
    _refuse_foreign(place.target)
    with storage.lock(place.dot / "lock", str(config.output.path)):
        storage.recover(place.target, place.old)
        for rest in (place.work, place.old):
            storage.remove(rest)
        try:
            return _Run(config, place, limit, progress or silent()).build(jobs, engine, force=force)
        finally:
            storage.remove(place.work)
            if not config.cache:
                storage.remove(place.cache)


def _refuse_foreign(target: Path) -> None:
    """Raise `ConfigError` where the output's place holds something that is no build."""
    if not target.exists():
        return
    if not target.is_dir():
        raise ConfigError(f"{target}: output.path is a file; name a folder for the build")
    if any(target.iterdir()) and read_manifest(target) is None:
        raise ConfigError(
            f"{target}: this folder holds something that is no build of corpus; "
            "nothing was touched. Name another output.path, or move it away"
        )


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of the build in this folder, or None where there is none."""
    import json

    try:
        found = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "identity" in found else None


class _Run:
    """One run of one build: the state that its steps share."""

    def __init__(self, config: Config, place: Place, limit: int | None, progress: Progress) -> None:
        from corpus.passes import segments

        self.config, self.place, self.limit, self.progress = config, place, limit, progress
        self.segments = segments(config.stages)
        self.rejected: list[tuple[str, int | None, str, int]] = []
        self.facts: list[dict[str, object]] = []
        self.began = time.time()

    def build(self, jobs: int | None, engine: str | Engine, *, force: bool) -> Build:
        """Do it."""
        from corpus.inputs import find_inputs, hash_inputs
        from corpus.manifest import identity_of, still_stands

        inputs = find_inputs(self.config)
        size = sum(item.file.bytes for item in inputs)
        self.progress.start("hash", bytes=size)
        inputs = hash_inputs(inputs, self.progress)
        identity = identity_of(self.config, inputs, self.limit)
        manifest = read_manifest(self.place.target)
        if manifest and not force and still_stands(self.place.target, manifest, identity):
            self.progress.finish()
            return Build(self.place.target, manifest, unchanged=True)
        with _started(engine, jobs, size, self.config) as workers:
            manifest = self._make(inputs, identity, workers)
        staged = self.place.work / "staged"
        storage.publish(staged, self.place.target, self.place.old)
        storage.remove(self.place.old)
        self.progress.finish()
        return Build(self.place.target, manifest)

    def _make(self, inputs: Sequence[Any], identity: str, engine: Engine) -> dict[str, Any]:
        """Carry everything through the passes into the staged folder; return the manifest."""
        from corpus.first_pass import first_pass
        from corpus.publication import write_build

        if isinstance(engine, Local):
            _announce_kernels(self.progress)
        first = first_pass(
            inputs,
            self.config,
            self.segments[0],
            engine=engine,
            cache=self.place.cache,
            limit=self.limit,
            progress=self.progress,
        )
        self.rejected += first.rejected
        passes = [first.pieces]
        decided = self._decide(0, first.pieces, engine)
        for index in range(1, len(self.segments)):
            passes.append(self._later(index, decided, engine))
            decided = self._decide(index, passes[-1], engine)
        self._budget(first.read, first.bytes)
        return write_build(
            self.place.work,
            self.config,
            decided,
            earlier=tuple(piece for pieces in passes for piece in pieces),
            rejected=self.rejected,
            facts=self.facts,
            first=first,
            inputs=inputs,
            identity=identity,
            engine=engine,
            began=self.began,
            progress=self.progress,
        )

    def _decide(self, index: int, pieces: Sequence[Piece], engine: Engine) -> Decided:
        from corpus.decide import decide

        segment = self.segments[index]
        self.progress.start(
            "decide: " + ", ".join(s.stage for s in segment.corpus) if segment.corpus else "decide",
            bytes=0,
        )
        folder = self.place.work / f"decisions-{index}"
        decided = decide(
            segment.corpus,
            tuple(pieces),
            engine,
            self.config.seed,
            folder,
            base=self.config.folder,
        )
        self.rejected += [(*reject, 0) for reject in decided.repeated]
        self.facts += [{} for _ in segment.documents] + decided.facts
        return decided

    def _later(self, index: int, decided: Decided, engine: Engine) -> list[Piece]:
        """Apply what was decided and carry the pieces through the next segment."""
        from corpus.passes import Later, later

        segment = self.segments[index]
        folder = self.place.work / f"pass-{index}"
        self.progress.start(f"pass {index + 1}", bytes=int(decided.bytes.sum()))
        tasks = [
            Later(decided.stages, file, segment, piece, folder / f"{i:06d}")
            for i, (piece, file) in enumerate(zip(decided.pieces, decided.files, strict=True))
            if piece.rows
        ]
        done = []
        for piece in spread(engine, later, tasks):
            self.progress.advance(documents=piece.rows, bytes=0)
            done.append(piece)
        return done

    def _budget(self, read: int, size: int) -> None:
        """Raise `InputError` if more was lost than `on_error` allows; the list stays on disk."""
        from corpus.publication import write_rejected

        records = sum(1 for reject in self.rejected if reject[1] is not None or not reject[3])
        lost = sum(reject[3] for reject in self.rejected)
        share = records / max(read, 1) + lost / max(size, 1)
        if not self.rejected or share <= self.config.on_error:
            return
        ledger = self.place.dot / "rejected.parquet"
        write_rejected(ledger, self.rejected)
        shown = [
            f"  {name}{'' if record is None else f', record {record}'}: {reason}"
            for name, record, reason, _ in sorted(self.rejected, key=str)[:10]
        ]
        more = len(self.rejected) - len(shown)
        raise InputError(
            "\n".join(
                [
                    (
                        f"{len(self.rejected):,} of {read:,} records could not be read, {share:.2%}"
                        f" of the input; on_error allows {self.config.on_error:.2%}."
                    ),
                    "Nothing was built.",
                    *shown,
                    *([f"  and {more:,} more"] if more else []),
                    f"All of them are in {ledger}. Mend the input, or raise on_error.",
                ]
            )
        )


def _started(
    engine: str | Engine, jobs: int | None, size: int, config: Config
) -> AbstractContextManager[Engine]:
    """Return the engine to run on: at most one worker for each 32 MB of input."""
    if not isinstance(engine, str):
        return nullcontext(engine)
    if engine != "local":
        raise ConfigError(f"--engine {engine}: there is no such engine here; there is 'local'")
    from corpus.warm import order

    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_PER_WORKER)))
    return Local(workers, order(config.stages))


def _announce_kernels(progress: Progress) -> None:
    """Say that the first run compiles, where it will."""
    from corpus.kernels import kernel_folder

    if not kernel_folder().exists():
        progress.note("compiling the kernels: once for this version, about 15 s")


make_callable(__name__)
