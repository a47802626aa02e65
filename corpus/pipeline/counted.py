"""What the last pass counts while the documents of a partition are in memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

from corpus.auditing.measure.examples import Excerpt
from corpus.pipeline.redaction_ledger import Redactions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpus.auditing.measure.statistics import Statistics


class Removals(NamedTuple):
    """The documents that one stage removed for one reason."""

    stage: str
    reason: str
    documents: int
    characters: int


@dataclass(frozen=True)
class Counted:
    """What was counted in the documents of some partitions."""

    statistics: Statistics | None = None
    """The statistics of the documents that are kept; None if there are none."""

    removals: tuple[Removals, ...] = ()

    redactions: tuple[Redactions, ...] = ()
    """What was redacted in the documents that are kept."""

    examples: tuple[dict[str, Any], ...] = ()
    """A few removed documents of each stage and reason, ordered by key."""

    excerpts: tuple[Excerpt, ...] = ()
    """The beginnings of some removed documents, which the audit shows next to the kept ones."""


def merge_counted(parts: Iterable[Counted]) -> Counted:
    """Return what was counted in all parts together."""
    parts = tuple(parts)
    all_statistics = [part.statistics for part in parts if part.statistics is not None]
    return Counted(
        reduce(lambda one, two: one.merge(two), all_statistics) if all_statistics else None,
        tuple(each for part in parts for each in part.removals),
        tuple(each for part in parts for each in part.redactions),
        tuple(each for part in parts for each in part.examples),
        tuple(each for part in parts for each in part.excerpts),
    )
