"""Build a corpus: carry documents through the passes, and publish all that comes out or nothing.

build/news/           the build, exchanged for the old one in one step
build/.news/lock      one writer
build/.news/cache/    what the first pass made of each piece of input: where a killed or
changed build goes on
build/.news/work/     scratch of the build that is running
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import storage
from corpus.builds.reader import manifest_at, read_manifest
from corpus.errors import ConfigError, EnvironmentFault, InputError
from corpus.pipeline.engine import Engine, Local, spread
from corpus.pipeline.result import Build
from corpus.sources.settings import content_of

if TYPE_CHECKING:
    from corpus.config.model import Config
    from corpus.pipeline.decide import Decided
    from corpus.pipeline.sorted_runs import Piece
    from corpus.progress import Progress
    from corpus.sources.inputs import Input

INPUT_PER_WORKER = 32 << 20

SHOWN = 10
"""How many reasons an error tells."""


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
    engine: Engine | None = None,
    limit: int | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Build the corpus that a config describes and return it; keep an unchanged build as it is.

    `limit` is the maximum number of records to read, for a trial. `engine` runs the tasks; by
    default, that is this machine with `jobs` workers. Raises `ConfigError`, `InputError` or
    `EnvironmentFault`; after an error, the old build is still there.
    """
    from corpus.progress import silent

    place = Place(config.destination)
    _refuse_foreign(place.target)
    _refuse_main(config)
    with storage.lock(place.dot / "lock", str(config.output.path)):
        storage.recover(place.target, place.old)
        if limit is not None:
            _refuse_trial_over_full_build(place.target)
        for rest in (place.work, place.old):
            storage.remove(rest)
            if rest.exists():
                raise EnvironmentFault(f"{rest}: leftovers of an earlier build cannot be deleted")
        try:
            return _Run(config, place, limit, progress or silent()).build(jobs, engine, force=force)
        finally:
            storage.remove(place.work)
            if not config.cache:
                storage.remove(place.cache)


def _refuse_main(config: Config) -> None:
    """Raise `ConfigError` if a stage is defined in the script or notebook that runs the build."""
    for stage in config.stages:
        if type(stage).__module__ in ("__main__", "__mp_main__"):
            raise ConfigError(
                f"stage {stage.stage!r} is defined in the script or notebook that runs the build, "
                f"which workers cannot import; move the class to a file, `my_stages.py`, and write "
                f"`use: my_stages:{type(stage).__name__}`"
            )


def _refuse_trial_over_full_build(target: Path) -> None:
    """Raise `ConfigError` if a trial (`limit`) would replace a build of everything."""
    manifest = read_manifest(target)
    if manifest is not None and manifest.get("limit") is None:
        raise ConfigError(
            f"{target}: contains a full build, which a trial with a limit would replace; "
            "choose another output.path"
        )


def _refuse_foreign(target: Path) -> None:
    """Raise `ConfigError` where the output's place holds something that is no build."""
    if target.is_symlink():
        raise ConfigError(f"{target}: output.path is a link; name the folder that it leads to")
    dot = Place(target).dot
    if dot.exists() and not (dot / "lock").is_file():
        raise ConfigError(
            f"{dot}: what a build needs beside it would go here, but this holds something else; "
            "choose another output.path"
        )
    if not target.exists():
        return
    if not target.is_dir():
        raise ConfigError(f"{target}: output.path is a file; name a folder for the build")
    manifest = manifest_at(target)
    if any(target.iterdir()) and manifest is None:
        raise ConfigError(
            f"{target}: this folder holds something that is no build of corpus; "
            "nothing was touched. Name another output.path, or move it away"
        )
    known = {"README.md", "manifest.json", "run.json", *(manifest or {}).get("files", {})}
    there = (p.relative_to(target).as_posix() for p in sorted(target.rglob("*")) if p.is_file())
    if foreign := next((name for name in there if name not in known), None):
        raise ConfigError(
            f"{target / foreign}: no part of the build, and building again would delete it; "
            "move it away first"
        )


class _Run:
    """One run of one build: the state that its steps share."""

    def __init__(self, config: Config, place: Place, limit: int | None, progress: Progress) -> None:
        from corpus.pipeline.segments import segments

        self.config, self.place, self.limit, self.progress = config, place, limit, progress
        self.segments = segments(config.stages)
        self.rejected: list[tuple[str, int | None, str, int]] = []
        self.metrics: list[dict[str, object]] = []
        self.began = time.time()

    def build(self, jobs: int | None, engine: Engine | None, *, force: bool) -> Build:
        """Do it."""
        from corpus.builds.manifest import still_stands
        from corpus.pipeline.identity import identity_of
        from corpus.sources.inputs import find_inputs, hash_inputs

        inputs = find_inputs(self.config.sources, self.config.folder)
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
        (self.place.dot / "rejected.parquet").unlink(missing_ok=True)
        storage.remove(self.place.old)
        self.progress.finish()
        return Build(self.place.target, manifest)

    def _make(self, inputs: Sequence[Any], identity: str, engine: Engine) -> dict[str, Any]:
        """Carry everything through the passes into the staged folder; return the manifest."""
        from corpus.pipeline.first_pass import first_pass
        from corpus.pipeline.publish import write_build

        _compile(engine, self.config, self.progress)
        _import_required(engine, self.config, inputs)
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
        decided = [self._decide(0, first.pieces, engine)]
        for index in range(1, len(self.segments)):
            passes.append(self._later(index, decided[-1], engine))
            decided.append(self._decide(index, passes[-1], engine))
        self._budget(first.read, first.bytes)
        return write_build(
            self.place.work,
            self.config,
            decided[-1],
            before=decided[:-1],
            earlier=tuple(piece for pieces in passes for piece in pieces),
            rejected=self.rejected,
            metrics=self.metrics,
            first=first,
            inputs=inputs,
            identity=identity,
            limit=self.limit,
            engine=engine,
            began=self.began,
            progress=self.progress,
        )

    def _decide(self, index: int, pieces: Sequence[Piece], engine: Engine) -> Decided:
        from corpus.pipeline.decide import decide

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
            first=index == 0,
        )
        self.rejected += [(*reject, 0) for reject in decided.repeated]
        self.metrics += [{} for _ in segment.documents] + decided.metrics
        return decided

    def _later(self, index: int, decided: Decided, engine: Engine) -> list[Piece]:
        """Apply what was decided and carry the pieces through the next segment."""
        from corpus.pipeline.piece_tasks import ReplayTask, run_later_pass

        segment = self.segments[index]
        folder = self.place.work / f"pass-{index}"
        self.progress.start(f"pass {index + 1}", bytes=int(decided.bytes.sum()))
        tasks = [
            ReplayTask(decided.stages, file, segment, piece, folder / f"{i:06d}")
            for i, (piece, file) in enumerate(zip(decided.pieces, decided.files, strict=True))
            if piece.rows
        ]
        done = []
        for piece in spread(engine, run_later_pass, tasks):
            self.progress.advance(documents=piece.rows, bytes=0)
            done.append(piece)
        return done

    def _budget(self, read: int, size: int) -> None:
        """Raise `InputError` if more was lost than `on_error` allows; the list stays on disk.

        A record counts as one of those read, a file that could not be read by its bytes.
        """
        from corpus.pipeline.publish import write_rejected

        files = [bytes_ for _, record, _, bytes_ in self.rejected if record is None and bytes_]
        records = len(self.rejected) - len(files)
        share = records / max(read, 1) + sum(files) / max(size, 1)
        if not self.rejected or share <= self.config.on_error:
            return
        ledger = self.place.dot / "rejected.parquet"
        write_rejected(ledger, self.rejected)
        first = (
            f"{len(self.rejected):,} of {read:,} records could not be read, {share:.2%} of "
            f"the input; on_error allows {self.config.on_error:.2%}. Nothing was built."
        )
        last = f"All of them are in {ledger}. Mend the input, or raise on_error."
        raise InputError("\n".join([first, *_told(self.rejected), last]))


def _told(rejected: Sequence[tuple[str, int | None, str, int]]) -> list[str]:
    """Return what could not be read, in a few lines: where, and why; equal reasons in one."""
    places: dict[str, list[str]] = {}
    for name, record, reason, _ in sorted(rejected, key=lambda r: (r[0], r[1] or 0, r[2])):
        where = name if record is None else f"{name}, record {record:,}"
        places.setdefault(reason, []).append(where)
    lines = []
    for reason, found in list(places.items())[:SHOWN]:
        more = f" (and {len(found) - 1:,} more like it)" if len(found) > 1 else ""
        lines.append(f"  {found[0]}: {reason}{more}")
    if len(places) > SHOWN:
        lines.append(f"  and {len(places) - SHOWN:,} more reasons")
    return lines


def _started(
    engine: Engine | None, jobs: int | None, size: int, config: Config
) -> AbstractContextManager[Engine]:
    """Return the engine to run on: at most one worker for each 32 MB of input."""
    if engine is not None:
        return nullcontext(engine)
    from corpus.pipeline.warm_up import work_order

    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_PER_WORKER)))
    return Local(workers, work_order(config.stages))


def _import_required(engine: Engine, config: Config, inputs: Sequence[Input]) -> None:
    """Import what the stages need for these inputs, in a worker; raise `EnvironmentFault`."""
    contents = {content_of(config.sources[i.source], i.file.format) for i in inputs}
    modules = {name for stage in config.stages for name in stage.required_modules(contents)}
    for _ in spread(engine, import_or_fault, sorted(modules)):
        pass


def import_or_fault(name: str) -> None:
    """Import a module; raise `EnvironmentFault` if the installation is incomplete."""
    try:
        import_module(name)
    except ImportError as error:
        reason = str(error).partition("\n")[0]
        raise EnvironmentFault(
            f"{name} cannot be imported: {reason}. The installation of corpus is incomplete; "
            "install it again, with its dependencies"
        ) from None


def _compile(engine: Engine, config: Config, progress: Progress) -> None:
    """Start the workers; where kernels have to be compiled first, show that as what it is."""
    from corpus.kernels import missing_marks
    from corpus.pipeline.warm_up import load_kernels

    missing = missing_marks(stage.stage for stage in config.stages)
    if not missing or not isinstance(engine, Local):
        return
    progress.start("compile the kernels, once", bytes=0)
    list(spread(engine, load_kernels, [tuple(config.stages)]))
    for mark in missing:
        storage.write(mark, b"")
