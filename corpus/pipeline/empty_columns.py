"""Columns that a config names and no document has: their names may be misspelled.

A stage that looks for personal data in a column, or forbids a value of it, does nothing if the name
is wrong. That is no error: a source may have the column in another month. So it is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from corpus.builds.empty_columns import EmptyColumn
from corpus.documents import RESERVED
from corpus.pipeline.sorted_runs import SortedRun
from corpus.sources.columns.synonyms import nearest
from corpus.stages.base import Stage


def empty_columns(
    stages: Sequence[Stage], runs: Iterable[SortedRun], names: Sequence[str]
) -> list[list[EmptyColumn]]:
    """Return for each stage the columns that it names and no document of the runs has a value in.

    `names` are those of the columns of the build, one of which may be meant.
    """
    added = {field.name for stage in stages for field in stage.adds}
    wanted = {name for stage in stages for name in stage.named_columns()}
    empty = wanted - added - set(RESERVED)
    for run in runs:
        if not empty:
            break
        of_run = run.columns().column("name")
        empty -= set(of_run.filter(pc.is_in(of_run, pa.array(sorted(empty)))).to_pylist())
    return [
        [
            {"column": name, "nearest": nearest(name, name, names)}
            for name in stage.named_columns()
            if name in empty
        ]
        for stage in stages
    ]
