"""The columns with measurements that `output.signals` adds to every document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from corpus.pipeline.segments import Segment
from corpus.pipeline.sorted_runs import SortedRun


class SignalColumn(NamedTuple):
    """A measurement that is published."""

    observed: str
    """The observed column."""

    field: pa.Field
    """The column of the documents."""

    description: str


def signal_columns(
    segment: Segment, runs: Sequence[SortedRun], earlier: Sequence[SignalColumn]
) -> tuple[SignalColumn, ...]:
    """Return the signals of what the stages of a segment observe, each by its own name.

    If the sources have a column of that name, the signal's ends with `_measured`. The signals of
    `earlier` passes are replaced.
    """
    replaced = {signal.field.name for signal in earlier}
    found = []
    for observation in segment.observations:
        for observed, description in observation.signals().items():
            name = observed
            while name not in replaced and any(_has_column(run, name) for run in runs):
                name += "_measured"
            type = runs[0].observed().schema.field(observed).type
            found.append(SignalColumn(observed, pa.field(name, type), description))
    return tuple(found)


def _has_column(run: SortedRun, name: str) -> bool:
    return bool(pc.any(pc.equal(run.columns().column("name"), name)).as_py())
