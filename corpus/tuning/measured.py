"""The measurements of all threshold stages, from the results of the passes in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from corpus.documents import LANGUAGE
from corpus.errors import InputError
from corpus.observations import CorpusView, MappedParts
from corpus.pipeline.decide import Decisions, decide_task, run_decide
from corpus.pipeline.decide_in_turn import StageDecisions, decide_in_turn
from corpus.pipeline.later_pass import later_tasks
from corpus.pipeline.prepare_workers import prepare_stages
from corpus.pipeline.read_sources import read_sources
from corpus.pipeline.result_cache import cache_folder, in_use
from corpus.pipeline.segments import Segment, segments
from corpus.pipeline.sorted_runs import FetchFromRuns, SortedRun, open_run
from corpus.progress import silent
from corpus.stages.base import ThresholdStage

if TYPE_CHECKING:
    from corpus.config.model import Config


class _OnlyCache:
    """An engine that takes each result from the cache, and refuses to make one."""

    workers = 1

    def __init__(self, config: Config) -> None:
        self.config = config

    def map(
        self,
        function: Callable[..., Any],  # noqa: ARG002  nothing is made
        tasks: Iterable[Any],
        *,
        seconds: Callable[..., float] | None = None,  # noqa: ARG002
    ) -> Iterator[Any]:
        """Yield the run of each task; raises `InputError` if one is not in the cache."""
        for task in tasks:
            run = open_run(task.folder)
            if run is None:
                name = self.config.path.name if self.config.path else "the config"
                raise InputError(
                    f"{task.chunk.file.name}: not measured yet as this config asks for, or not in "
                    f"the cache {task.folder.parent}; build first: corpus build {name}"
                )
            yield run


@dataclass(frozen=True)
class Measured:
    """What the threshold stages of one pass measured and decided."""

    corpus: CorpusView
    """All documents of the pass; their texts can be fetched."""

    by_stage: tuple[StageDecisions, ...]
    """In the order of the config."""

    @property
    def documents(self) -> int:
        """The number of documents that were measured."""
        return int(self.corpus.starts[-1])

    def languages(self, run: int) -> pa.Array:
        """Return the language of each document of a run (string), null if it was not tagged."""
        for decisions in self.by_stage:
            if LANGUAGE in decisions.stage.adds.names:
                return decisions.of_run(run).column(LANGUAGE)
        observed = self.corpus.parts[run]
        if LANGUAGE in observed.schema.names:
            return observed.column(LANGUAGE)
        return pa.nulls(observed.num_rows, pa.string())


def measure(config: Config, scratch: Path) -> tuple[list[Measured], list[str]]:
    """Return what the threshold stages of each pass measured, and decide with this config.

    The second list names the threshold stages of passes that are not in the cache, because a
    setting changes the texts that they measure. Raises `InputError` if the first pass is not there.
    """
    cache = cache_folder(config.destination)
    with in_use(cache):
        config, _ = prepare_stages(config, cache, silent())
        whole = segments(config.stages)
        runs: list[SortedRun] | None = _first_pass(config, whole[0], cache, scratch)
        measured: list[Measured] = []
        decisions: list[Decisions] = []
        for index, segment in enumerate(whole):
            if index:
                runs = _later_pass(config, decisions[-1], segment, cache, scratch)
            if runs is None:
                return measured, [name for each in whole[index:] for name in _names(each)]
            measured.append(_measured(segment, runs, scratch / f"stages-{index}"))
            if index + 1 < len(whole):
                task = decide_task(index, segment, runs, config, scratch, decisions)
                decisions.append(run_decide(task))
    return measured, []


def _first_pass(config: Config, segment: Segment, cache: Path, scratch: Path) -> list[SortedRun]:
    from corpus.sources.files.inputs import find_inputs, hash_inputs

    first = read_sources(
        hash_inputs(find_inputs(config.sources, config.folder).inputs, silent()),
        config,
        segment,
        engine=_OnlyCache(config),
        cache=cache,
        this_time=scratch / "this-time",
        limit=None,
        progress=silent(),
    )
    return first.runs


def _later_pass(
    config: Config, decisions: Decisions, segment: Segment, cache: Path, scratch: Path
) -> list[SortedRun] | None:
    """Return the runs of a later pass, or None if they are not in the cache."""
    runs = []
    for task in later_tasks(
        decisions, segment, config, cache=cache, this_time=scratch / "this-time"
    ):
        run = open_run(task.folder)
        if run is None:
            return None
        runs.append(run)
    return runs


def _measured(segment: Segment, runs: Sequence[SortedRun], scratch: Path) -> Measured:
    corpus = _view([run for run in runs if run.rows])
    return Measured(corpus, decide_in_turn(_threshold_stages(segment), corpus, scratch).by_stage)


def _names(segment: Segment) -> list[str]:
    stages = segment.deciding_stages
    return [stage.stage for stage in stages if isinstance(stage, ThresholdStage)]


def _view(runs: Sequence[SortedRun]) -> CorpusView:
    parts = MappedParts(tuple(run.observed for run in runs))
    alive = np.ones(sum(run.rows for run in runs), np.bool_)
    return CorpusView(parts, FetchFromRuns(tuple(runs)), alive)


def _threshold_stages(whole: Segment) -> Segment:
    """Return a segment with the threshold stages alone, which need no other stage's decisions."""
    stages = tuple(stage for stage in whole.deciding_stages if isinstance(stage, ThresholdStage))
    alone = Segment((), stages)
    needed = set(whole.observations)
    kept = [
        stage
        for i, stage in enumerate(stages)
        if needed.issuperset({*stage.observes()} - {*alone.decided_observations(i)})
    ]
    return Segment((), tuple(kept))
