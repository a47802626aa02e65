"""Prepare the workers of a build: what all of them use, their start, imports, kernels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import TYPE_CHECKING

from corpus import storage
from corpus.errors import EnvironmentFault
from corpus.pipeline.engine import Engine, Local, map_or_raise
from corpus.sources.settings import content_of
from corpus.stages.base import Stage
from corpus.stages.own_mistakes import naming_mistakes_of

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.config.model import Config
    from corpus.progress import Progress
    from corpus.sources.files.inputs import Input

INPUT_BYTES_PER_WORKER = 32 << 20
"""Fewer workers are started for a small input: at most one per 32 MB."""


def start_engine(
    engine: Engine | None,
    jobs: int | None,
    inputs: Sequence[Input],
    config: Config,
    *,
    is_alone: bool = False,
) -> AbstractContextManager[Engine]:
    """Return the engine to run on. The bytes of the inputs limit the number of workers.

    `is_alone` says that nothing but the build runs in this process.
    """
    if engine is not None:
        return nullcontext(engine)
    from corpus.pipeline.warm_up import carry_out_order, work_order

    size = sum(item.file.bytes for item in inputs)
    wanted = jobs or len(os.sched_getaffinity(0))
    workers = max(1, min(wanted, -(-size // INPUT_BYTES_PER_WORKER)))
    order = work_order(config.stages, _contents(config, inputs))
    return Local(workers, order, carry_out_order if is_alone else None)


def prepare_stages(config: Config, folder: Path, progress: Progress) -> tuple[Config, set[Path]]:
    """Return the config with stages that have made what all workers use, and the files with it.

    The files are in `folder`, where the next build finds them.
    """
    stages: list[Stage] = []
    files: set[Path] = set()
    for stage in config.stages:
        if type(stage).prepare is not Stage.prepare:
            progress.start(f"prepare: {stage.stage}", bytes=0)
        with naming_mistakes_of(stage):
            prepared, made = stage.prepare(folder)
        stages.append(prepared)
        files |= set(made)
    return config.model_copy(update={"stages": tuple(stages)}), files


def import_required(engine: Engine, config: Config, inputs: Sequence[Input]) -> None:
    """Import what the stages need for these inputs, in a worker; raise `EnvironmentFault`."""
    contents = _contents(config, inputs)
    modules = {name for stage in config.stages for name in _required_modules(stage, contents)}
    for _ in map_or_raise(engine, import_or_fault, sorted(modules)):
        pass


def _contents(config: Config, inputs: Sequence[Input]) -> frozenset[str]:
    """Return what the documents of the inputs are: `text`, `page`, `html`."""
    return frozenset(
        content_of(config.sources[item.source], format)
        for item in inputs
        for format in item.file.formats
    )


def _required_modules(stage: Stage, contents: AbstractSet[str]) -> tuple[str, ...]:
    with naming_mistakes_of(stage):
        return tuple(stage.required_modules(contents))


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


def compile_kernels(engine: Engine, config: Config, progress: Progress) -> None:
    """Start the workers. If kernels must be compiled first, say of which stages, and show it."""
    from corpus.kernels import REMEDY, kernel_folder, missing_marks
    from corpus.pipeline.warm_up import load_kernels

    missing = missing_marks(type(stage) for stage in config.stages)
    if not missing or not isinstance(engine, Local):
        return
    storage.require_writable(kernel_folder(), REMEDY)
    stages = dict.fromkeys(
        stage.stage
        for stage in config.stages
        if type(stage).kernels is not Stage.kernels and missing_marks([type(stage)])
    )
    if stages:
        progress.note(f"compiling {', '.join(stages)}: once, usually in less than a minute")
    progress.start("compile", bytes=0)
    list(map_or_raise(engine, load_kernels, [tuple(config.stages)]))
    for mark in missing:
        storage.write(mark, b"")
