"""What each threshold removes, alone and together with others, and the documents next to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpus.documents import ID, KEY, TEXT, halves
from corpus.stages.base import ThresholdStage
from corpus.stages.thresholds import Threshold
from corpus.tuning.distribution import Distribution, bin_edges, distribution

if TYPE_CHECKING:
    from corpus.pipeline.decide_in_turn import StageDecisions
    from corpus.tuning.measured import Measured

MAX_LANGUAGES = 8
"""Languages whose distributions are shown, the most frequent first."""

N_NEAREST = 5
"""Documents shown on each side of a threshold."""

MAX_CHARACTERS = 600
"""Characters of a document that are shown."""


class Neighbour(NamedTuple):
    """A document whose measurement is next to a threshold."""

    value: float
    id: str
    text: str
    """The beginning of its text."""


class ThresholdResult(NamedTuple):
    """What one threshold does."""

    stage: str
    threshold: Threshold
    removed: int
    """The number of documents outside the bounds."""

    removed_only: int
    """Those of them that nothing else removes: the threshold alone decides on them."""

    edges: tuple[float, ...]
    """The edges of the histograms' bins."""

    distributions: tuple[Distribution, ...]
    """Of all documents that are compared with the bounds, then of each language."""

    kept_nearest: tuple[Neighbour, ...] = ()
    removed_nearest: tuple[Neighbour, ...] = ()
    """The documents just inside and just outside the bounds, the nearest first."""

    @property
    def documents(self) -> int:
        """The number of documents that are compared with the bounds."""
        return self.distributions[0].documents


class Tuning(NamedTuple):
    """What the thresholds of a config do."""

    documents: int
    removed: int
    """The number of documents that the threshold stages remove."""

    results: tuple[ThresholdResult, ...]
    """Of the thresholds that any document is compared with."""

    not_compared: int = 0
    """The number of other thresholds: they are for languages that no document is in."""

    not_measured: tuple[str, ...] = ()
    """The threshold stages of which nothing is in the cache, because earlier settings changed."""


class _Numbered(NamedTuple):
    decisions: StageDecisions
    threshold: Threshold


def tune(passes: Sequence[Measured], not_measured: Sequence[str] = ()) -> Tuning:
    """Return what each threshold does in each pass, with all documents, also repeated records."""
    tuned = [_tune_pass(measured) for measured in passes]
    return Tuning(
        tuned[0].documents,
        sum(each.removed for each in tuned),
        tuple(result for each in tuned for result in each.results),
        sum(each.not_compared for each in tuned),
        tuple(not_measured),
    )


def _tune_pass(measured: Measured) -> Tuning:
    n = measured.documents
    numbered = [
        _Numbered(decisions, threshold)
        for decisions in measured.by_stage
        if isinstance(decisions.stage, ThresholdStage)
        for threshold in decisions.stage.thresholds()
    ]
    languages = _Languages(measured)
    causes = np.zeros(n, np.int16)
    removed = np.zeros(n, np.bool_)
    for decisions in measured.by_stage:
        mine = [each for each in numbered if each.decisions is decisions]
        _count_causes(decisions, [each.threshold for each in mine], languages, causes, removed)
    keys = _keys(measured)
    results = [_result(each, measured, languages, causes, keys) for each in numbered]
    found = [each for each in results if each is not None]
    rows = sorted({row for _, sides in found for side in sides for row, _ in side})
    shown = dict(zip(rows, _documents(measured, rows), strict=True))
    shown_results = (
        result._replace(
            kept_nearest=tuple(Neighbour(value, *shown[row]) for row, value in kept),
            removed_nearest=tuple(Neighbour(value, *shown[row]) for row, value in outside),
        )
        for result, (kept, outside) in found
    )
    return Tuning(n, int(removed.sum()), tuple(shown_results), len(results) - len(found))


class _Languages:
    """The language of each document, as a number."""

    def __init__(self, measured: Measured) -> None:
        runs = range(len(measured.corpus.parts))
        self.by_run = [measured.languages(run) for run in runs]
        counts = pc.value_counts(pa.chunked_array(self.by_run, pa.string()).drop_null())
        rows = sorted(counts.to_pylist(), key=lambda row: (-row["counts"], row["values"]))
        self.names = [row["values"] for row in rows[:MAX_LANGUAGES]]
        index = [pc.index_in(part, pa.array(self.names, pa.string())) for part in self.by_run]
        numbers = [each.fill_null(-1).to_numpy(zero_copy_only=False) for each in index]
        self.number = np.concatenate([np.zeros(0, np.int32), *numbers]).astype(np.int16)


def _rows_of(decisions: StageDecisions) -> Iterator[tuple[int, slice]]:
    for run in range(len(decisions.starts) - 1):
        yield run, slice(*decisions.starts[run : run + 2])


def _count_causes(
    decisions: StageDecisions,
    thresholds: list[Threshold],
    languages: _Languages,
    causes: NDArray[np.int16],
    removed: NDArray[np.bool_],
) -> None:
    """Add the number of thresholds that each document is outside of; another reason counts once."""
    for run, rows in _rows_of(decisions):
        measured, reason = decisions.observed[run], decisions.of_run(run).column("reason")
        outside = np.zeros(len(reason), np.int16)
        for threshold in thresholds:
            outside += threshold.outside(measured, languages.by_run[run]).to_numpy(
                zero_copy_only=False
            )
        is_removed = reason.is_valid().to_numpy(zero_copy_only=False)
        causes[rows] += np.where(is_removed & (outside == 0), 1, outside)
        removed[rows] |= is_removed


Side = list[tuple[int, float]]
"""Rows on one side of a threshold with their values, the nearest first."""


def _result(
    each: _Numbered,
    measured: Measured,
    languages: _Languages,
    causes: NDArray[np.int16],
    keys: NDArray[np.uint64],
) -> tuple[ThresholdResult, tuple[Side, Side]] | None:
    """Return a result without its neighbours, and the rows of those: kept, and removed.

    Return None if there are documents and none is compared with the threshold.
    """
    threshold = each.threshold
    values = np.full(measured.documents, np.nan)
    outside, compared = (np.zeros(measured.documents, np.bool_) for _ in range(2))
    for run, rows in _rows_of(each.decisions):
        part = each.decisions.observed[run]
        column = part.column(threshold.column).cast(pa.float64())
        values[rows] = column.to_numpy(zero_copy_only=False)
        out = threshold.outside(part, languages.by_run[run])
        outside[rows] = out.to_numpy(zero_copy_only=False)
        are_compared = threshold.compared(part, languages.by_run[run])
        compared[rows] = are_compared.to_numpy(zero_copy_only=False)
    if len(compared) and not compared.any():
        return None
    edges = bin_edges(values[compared], (threshold.min, threshold.max))
    distributions = [distribution(values[compared], outside[compared], edges, None)]
    for number, language in enumerate(languages.names):
        here = compared & (languages.number == number)
        if here.any():
            distributions.append(distribution(values[here], outside[here], edges, language))
    inside = compared & ~outside
    kept, removed = (_nearest(values, threshold, keys, side) for side in (inside, outside))
    result = ThresholdResult(
        each.decisions.stage.stage,
        threshold,
        int(outside.sum()),
        int((outside & (causes == 1)).sum()),
        tuple(edges.tolist()),
        tuple(distributions),
    )
    return result, (kept, removed)


def _documents(measured: Measured, rows: list[int]) -> Iterator[tuple[str, str]]:
    """Yield the id and the beginning of the text of documents."""
    found = measured.corpus.documents(np.array(rows, np.int64), [ID, TEXT])
    texts = pc.utf8_slice_codeunits(found.column(TEXT), 0, MAX_CHARACTERS)
    yield from zip(found.column(ID).to_pylist(), texts.to_pylist(), strict=True)


def _keys(measured: Measured) -> NDArray[np.uint64]:
    """Return the first 64 bits of each document's key: ties must not depend on row numbers."""
    heads = [halves(part.column(KEY))[:, 0] for part in measured.corpus.parts]
    return np.concatenate([np.zeros(0, np.uint64), *heads])


def _nearest(
    values: NDArray[np.float64],
    threshold: Threshold,
    keys: NDArray[np.uint64],
    side: NDArray[np.bool_],
) -> Side:
    """Return the rows on one side of a threshold whose values are nearest to a bound."""
    rows = np.flatnonzero(side & ~np.isnan(values))
    bounds = [bound for _, bound in threshold.sides]
    if not len(rows) or not bounds:
        return []
    distance = np.min([np.abs(values[rows] - bound) for bound in bounds], axis=0)
    k = min(N_NEAREST, len(rows))
    limit = np.partition(distance, k - 1)[k - 1]
    near = np.flatnonzero(distance <= limit)
    order = np.lexsort((keys[rows[near]], distance[near]))[:k]
    chosen = rows[near[order]]
    return list(zip(chosen.tolist(), values[chosen].tolist(), strict=True))
