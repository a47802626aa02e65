"""A later pass: apply what was decided on each run, and carry it through the next segment.

As in the first pass, the name of a result in the cache is a hash of everything that it depends on:
the run before it, the decisions on its documents, the settings of the stages, the code, and the
libraries. So a changed threshold redoes only the runs in which a decision changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus import storage
from corpus.pipeline.decide import Decisions
from corpus.pipeline.identity import canonical_json, pass_settings, stage_source, watched_files
from corpus.pipeline.pass_tasks import ReplayTask
from corpus.pipeline.segments import Segment
from corpus.stages.base import DecidingStage
from corpus.stages.own_mistakes import is_own

if TYPE_CHECKING:
    from corpus.config.model import Config


def later_tasks(
    decisions: Decisions, segment: Segment, config: Config, *, cache: Path, this_time: Path
) -> Iterator[ReplayTask]:
    """Yield one task for each run of the pass before.

    What is made of a run that is not in the cache, because the machine may be the cause of its
    rejects, is written to `this_time`.
    """
    watched = watched_files([*decisions.stages, *segment.document_stages, *segment.deciding_stages])
    common = pass_settings(segment, config) | {
        "decided": [_applied_as(stage) for stage in decisions.stages]
    }
    for run, file in zip(decisions.runs, decisions.files, strict=True):
        key = common | {"run": run.folder.name, "decisions": storage.sha256(file)}
        name = hashlib.sha256(canonical_json(key)).hexdigest()[:32]
        folder = cache if run.folder.parent == cache else this_time
        yield ReplayTask(decisions.stages, file, segment, run, folder / name, watched)


def _applied_as(stage: DecidingStage) -> list[Any]:
    """Return what applying the decisions of a stage depends on, apart from the decisions.

    Our own stages apply them without their settings; a stage of the user may use its settings.
    """
    settings = stage.model_dump(mode="json") if is_own(type(stage)) else None
    return [stage.stage, stage_source(stage), settings]
