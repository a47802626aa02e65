"""Build a corpus: carry documents through the passes, and publish all of the result or nothing.

build/news/           the build, exchanged with the old one in one step
build/.news/lock      lets only one build write at a time
build/.news/work/     scratch files of the running build
build/.corpus-cache/  the results of the passes, where a killed or changed build continues
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from corpus import storage
from corpus.builds.config_folder import remember_config_folder
from corpus.builds.reader import find_manifest
from corpus.errors import ConfigError, EnvironmentFault
from corpus.pipeline import result_cache
from corpus.pipeline.engine import Engine, map_or_raise
from corpus.pipeline.output_folder import (
    BuildFolders,
    refuse_changes,
    refuse_foreign_files,
    refuse_trial_over_full_build,
)
from corpus.pipeline.prepare_workers import (
    compile_kernels,
    import_required,
    prepare_stages,
    start_engine,
)
from corpus.pipeline.result import Build

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.config.model import Config
    from corpus.pipeline.decide import Decisions
    from corpus.pipeline.first_pass import FirstPass
    from corpus.pipeline.make_manifest import BuildSubject
    from corpus.pipeline.publish import PassResults, StagedBuild
    from corpus.pipeline.sorted_runs import SortedRun
    from corpus.progress import Progress
    from corpus.sources.files.inputs import FoundInputs


def build(
    config: Config,
    *,
    jobs: int | None = None,
    engine: Engine | None = None,
    limit: int | None = None,
    force: bool = False,
    is_alone: bool = False,
    progress: Progress | None = None,
) -> Build:
    """Build the corpus that a config describes and return it; keep an unchanged build as it is.

    `limit` is the maximum number of records to read, for a trial. `engine` runs the tasks; by
    default, that is this machine with `jobs` workers. `is_alone` says that nothing but the build
    runs in this process, so that workers may start as copies of it. Raises `ConfigError`,
    `InputError` or `EnvironmentFault`; after an error, the old build is still there.
    """
    from corpus.progress import silent

    folders = BuildFolders(config.destination)
    refuse_foreign_files(folders)
    refuse_main_stages(config)
    with storage.lock(folders.lock, str(config.output.path)):
        storage.recover(folders.target, folders.old)
        if limit is not None:
            refuse_trial_over_full_build(folders.target)
        for leftover in (folders.work, folders.old, folders.old_cache):
            storage.remove(leftover)
            if leftover.exists():
                raise EnvironmentFault(
                    f"{leftover}: leftovers of an earlier build cannot be deleted; check the "
                    "permissions of this folder"
                )
        try:
            cache = folders.cache if config.cache and not force else folders.own_cache
            run = _Run(config, folders, cache, limit, progress or silent(), is_alone=is_alone)
            with result_cache.in_use(folders.cache) if config.cache else nullcontext():
                built = run.build(jobs, engine, force=force)
            if config.cache and limit is None and not built.unchanged:
                with suppress(OSError, EnvironmentFault):  # the build is there all the same
                    _tidy(run, cache)
            return built
        finally:
            storage.remove(folders.work)


def _tidy(run: _Run, cache: Path) -> None:
    """Let the next build find the results of this one, and delete old ones."""
    folders = run.folders
    used = [path.name for path in run.used if path.parent == cache and path.exists()]
    if cache != folders.cache:
        result_cache.adopt(folders.cache, cache, used)
    result_cache.finish(folders.cache, folders.target, used, run.config.cache_size)


def refuse_main_stages(config: Config) -> None:
    """Raise `ConfigError` if a stage is defined in the script or notebook that runs the build."""
    for stage in config.stages:
        if type(stage).__module__ in ("__main__", "__mp_main__"):
            raise ConfigError(
                f"stage {stage.stage!r} is defined in the script or notebook that runs the build, "
                f"which workers cannot import; move the class to a file, `my_stages.py`, and write "
                f"`use: my_stages:{type(stage).__name__}`"
            )


class _Run:
    """One run of one build: the state that its steps share."""

    def __init__(
        self,
        config: Config,
        folders: BuildFolders,
        cache: Path,
        limit: int | None,
        progress: Progress,
        *,
        is_alone: bool,
    ) -> None:
        from corpus.pipeline.segments import segments

        self.config, self.folders, self.cache = config, folders, cache
        self.limit, self.progress, self.is_alone = limit, progress, is_alone
        self.segments = segments(config.stages)
        self.used: set[Path] = set()
        """The results in the cache that were used."""
        self.began = time.time()

    def build(self, jobs: int | None, engine: Engine | None, *, force: bool) -> Build:
        """Build and publish, unless the existing build is already what would be built."""
        from corpus.builds.manifest import is_unchanged
        from corpus.pipeline.identity import identity_of

        target = self.folders.target
        inputs, skipped = self._hash_inputs()
        config = self.config  # that of prepared stages does not notice a file that changes
        identity = identity_of(config, inputs, self.limit, skipped)
        existing = find_manifest(target)
        if existing and not force and is_unchanged(target, existing, identity):
            self.progress.finish()
            remember_config_folder(target, self.config.folder)
            return Build(target, existing.to_json(), unchanged=True)
        from corpus.pipeline.make_manifest import BuildSubject

        self._prepare_stages()
        subject = BuildSubject(self.config, inputs, skipped, self.limit, identity)
        with start_engine(engine, jobs, inputs, self.config, is_alone=self.is_alone) as workers:
            staged = self._write(subject, workers)
        if identity_of(config, inputs, self.limit, skipped) != identity:
            raise ConfigError(
                "a file that a stage depends on changed during the build (its code, a model, "
                "reference documents); build again when it is complete"
            )
        storage.publish(
            self.folders.staged,
            target,
            self.folders.old,
            lambda folder: refuse_changes(folder, target, staged.previous_card),
        )
        storage.remove(self.folders.rejected)
        storage.remove(self.folders.old)
        remember_config_folder(target, self.config.folder)
        self.progress.finish()
        return Build(target, staged.manifest.to_json())

    def _hash_inputs(self) -> FoundInputs:
        """Return the inputs with their hashes, and the files that are not read."""
        from corpus.sources.files.inputs import find_inputs, hash_inputs

        found = find_inputs(self.config.sources, self.config.folder)
        self.progress.start("hash inputs", bytes=sum(item.file.bytes for item in found.inputs))
        return found._replace(inputs=hash_inputs(found.inputs, self.progress))

    def _prepare_stages(self) -> None:
        """Let the stages make what all workers use."""
        from corpus.pipeline.segments import segments

        self.config, files = prepare_stages(self.config, self.cache, self.progress)
        self.segments = segments(self.config.stages)
        self.used |= files

    def _write(self, subject: BuildSubject, engine: Engine) -> StagedBuild:
        """Write the whole build into the staged folder."""
        from corpus.pipeline.error_budget import check_error_budget
        from corpus.pipeline.publish import write_build

        compile_kernels(engine, self.config, self.progress)
        import_required(engine, self.config, subject.inputs)
        results = self._run_passes(subject, engine)
        check_error_budget(
            results.rejected,
            records=results.first.read,
            input_bytes=results.first.bytes,
            on_error=self.config.on_error,
            ledger=self.folders.rejected,
        )
        staged = write_build(
            self.folders.work,
            subject,
            results,
            cache=self.cache,
            engine=engine,
            began=self.began,
            progress=self.progress,
        )
        self.used |= staged.used
        return staged

    def _run_passes(self, subject: BuildSubject, engine: Engine) -> PassResults:
        """Carry every document through every segment, and decide after each of them."""
        from corpus.pipeline.publish import PassResults

        first = self._first_pass(subject, engine)
        runs = list(first.runs)
        decisions = [self._decide(0, first.runs, engine, ())]
        for index in range(1, len(self.segments)):
            new_runs = self._run_later_pass(index, decisions[-1], engine)
            runs += new_runs
            decisions.append(self._decide(index, new_runs, engine, decisions))
        metrics: list[dict[str, object]] = []
        for segment, decided in zip(self.segments, decisions, strict=True):
            metrics += [*({} for _ in segment.document_stages), *decided.metrics]
        return PassResults(
            first, tuple(decisions), tuple(runs), tuple(first.rejected), tuple(metrics)
        )

    def _first_pass(self, subject: BuildSubject, engine: Engine) -> FirstPass:
        """Read everything, or take it from the cache."""
        from corpus.pipeline.read_sources import read_sources

        first = read_sources(
            subject.inputs,
            self.config,
            self.segments[0],
            engine=engine,
            cache=self.cache,
            this_time=self.folders.this_time,
            limit=self.limit,
            progress=self.progress,
        )
        self.used |= first.used
        return first

    def _decide(
        self, index: int, runs: Sequence[SortedRun], engine: Engine, earlier: Sequence[Decisions]
    ) -> Decisions:
        """Let the deciding stages of a segment decide on the documents of its runs."""
        from corpus.pipeline.decide import decide, decide_task

        segment = self.segments[index]
        names = ", ".join(stage.stage for stage in segment.deciding_stages)
        self.progress.start(f"decide: {names}" if names else "decide", bytes=0)
        cache = self.cache if self.config.cache else None
        task = decide_task(
            index, segment, runs, self.config, self.folders.work, earlier, cache=cache
        )
        decisions = decide(task, engine)
        self.used |= set(decisions.used)
        return decisions

    def _run_later_pass(self, index: int, decisions: Decisions, engine: Engine) -> list[SortedRun]:
        """Apply the decisions, and carry the documents through the next segment."""
        from corpus.pipeline.later_pass import later_tasks
        from corpus.pipeline.pass_tasks import run_later_pass

        self.progress.start(f"pass {index + 1}", bytes=decisions.bytes)
        tasks = later_tasks(
            decisions,
            self.segments[index],
            self.config,
            cache=self.cache,
            this_time=self.folders.this_time,
        )
        finished = []
        for run in map_or_raise(engine, run_later_pass, tasks):
            self.progress.advance(documents=run.rows, bytes=0)
            self.used.add(run.folder)
            finished.append(run)
        return finished
