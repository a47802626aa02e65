"""Remove exact duplicates and near duplicates.

    stages:
      - stage: deduplicate
        threshold: 0.8        # minimum Jaccard similarity of two duplicates
        keep: longest         # or newest, oldest, {highest: score}, {prefer: {publisher: [AFP]}}
        within: []            # [language]: compare only documents in the same language
        against: null         # an earlier build or a benchmark: remove what it contains
        cluster_size: true    # add a column with the number of documents of each cluster

All documents are put in one order: by `keep`, then by content hash, then by id. In that order, a
document is removed if and only if its similarity to a document already kept is at least the
threshold. So every cluster keeps a document, no document is removed because of a removed one, and
the reading order does not matter. Every removal names the kept document and the exact Jaccard
similarity. A text without words (`!!!`) is a duplicate only of an identical text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from corpus.documents import DATE, ID, KEY, column
from corpus.errors import InputError
from corpus.observations import CorpusView, Observation, concatenate_views
from corpus.settings import Settings
from corpus.similarity import observations
from corpus.similarity.bands import Bands, bands_for
from corpus.similarity.decisions import (
    Removals,
    band_metrics,
    cluster_metrics,
    decoded_metrics,
    encode_decisions,
    ids,
    pair_metrics,
)
from corpus.sources.columns.observation import Column, refuse_values, require_values
from corpus.stages.base import CorpusStage
from corpus.stages.boundaries import strata

if TYPE_CHECKING:
    from corpus.similarity.row_order import Copies

_CLUSTER_SIZE = pa.schema([("cluster_size", pa.int32())])
_OWN_CLUSTER_SIZE = Column(name="cluster_size", kind="text")
"""The column of that name that the sources may have."""

REASONS = ("exact_duplicate", "near_duplicate", "seen_elsewhere")
EXACT, NEAR, SEEN_ELSEWHERE = range(3)

RECALL = 0.999
"""Minimum share of the pairs at the threshold that must become candidates."""

MAX_VALUES_SHOWN = 8
"""Maximum number of column values that an error message lists."""


class Highest(Settings):
    """Keep the copy with the highest number in a column."""

    highest: str
    """Name of the column; a missing value, or one that is not a number, comes last."""


class Prefer(Settings):
    """Keep the copy with the most preferred value in a column."""

    prefer: Annotated[dict[str, tuple[str, ...]], Field(min_length=1, max_length=1)]
    """One column and its values, the best first; values that are not listed come last."""


class _Duplicates(NamedTuple):
    """Documents that are removed, by their position in the order of preference."""

    positions: NDArray[np.int64]
    """int64[n_removed], ascending."""

    original: NDArray[np.int64]
    """int64[n_removed]: the position of the kept document, or the number of the reference one."""

    reason: NDArray[np.int8]
    """int8[n_removed]: the number of the reason in `REASONS`."""

    score: NDArray[np.float64]
    """float64[n_removed]: the Jaccard similarity."""


class Deduplicate(CorpusStage):
    """Keep one document from each group of duplicates."""

    reasons: ClassVar[dict[str, str]] = {
        "exact_duplicate": "it has the same words as a kept document (the evidence)",
        "near_duplicate": "it has nearly the same words as a kept document (the evidence)",
        "seen_elsewhere": "it has nearly the same words as a document in `against` (the evidence)",
    }

    stage: Literal["deduplicate"] = "deduplicate"

    @property
    def adds(self) -> pa.Schema:
        """The column with the size of the cluster, if it is wanted."""
        return _CLUSTER_SIZE if self.cluster_size else pa.schema([])

    threshold: float = Field(0.8, gt=0, le=1)
    """Minimum Jaccard similarity at which a document counts as a duplicate of one already kept."""

    keep: Literal["longest", "newest", "oldest"] | Highest | Prefer = "longest"
    """Which copy to keep: longest, newest, oldest, {highest: COLUMN} or {prefer: {COLUMN: [best,
    ...]}}."""

    words: int = Field(5, ge=1, le=64)
    """Words per shingle. Fewer words find looser copies; a text with fewer words is one shingle."""

    hashes: int = Field(128, ge=16, le=1024)
    """Hashes per signature. More hashes raise recall at the threshold, and cost more time."""

    within: tuple[str, ...] = ()
    """Columns; only documents with equal values in all of them are compared."""

    against: Annotated[str, Field(min_length=1)] | None = None
    """An earlier build, or a file or folder of documents (such as a benchmark); duplicates of them
    are removed. A column of `within` that is empty in all of them is ignored."""

    cluster_size: bool = False
    """Add the column `cluster_size`: how many documents there were of each kept one, itself
    included. The stage `mix` can use it (`repeat_clusters`)."""

    seed: int = 1
    """Seed of the hash functions. Exact Jaccard similarity decides, so it has hardly any effect."""

    @model_validator(mode="after")
    def _threshold_is_reachable(self) -> Self:
        if bands_for(self.hashes, self.threshold, min_recall=RECALL) is None:
            raise ValueError(
                f"{self.hashes} hashes cannot find pairs at a threshold of {self.threshold}: "
                "raise one of the two"
            )
        return self

    @property
    def bands(self) -> Bands:
        """Return how signatures are divided into bands."""
        bands = bands_for(self.hashes, self.threshold, min_recall=RECALL)
        assert bands is not None  # noqa: S101  (the validator ensures it)
        return bands

    @property
    def _signatures(self) -> observations.Signatures:
        return observations.Signatures(words=self.words, hashes=self.hashes, seed=self.seed)

    @property
    def _policy(self) -> Column | None:
        """Return the column that decides which copy to keep; None if the length does."""
        match self.keep:
            case Highest(highest=name):
                return Column(name=name, kind="number")
            case Prefer(prefer=prefer):
                return Column(name=next(iter(prefer)), kind="text")
            case "newest" | "oldest":
                return Column(name=DATE, kind="date")
        return None

    @property
    def _within(self) -> tuple[Column, ...]:
        return tuple(Column(name=name, kind="text") for name in self.within)

    def observes(self) -> tuple[Observation, ...]:
        """Return content hash, signature, and the columns of `keep` and `within`."""
        others = [self._policy] if self._policy else []
        others += [_OWN_CLUSTER_SIZE] if self.cluster_size else []
        return (observations.Content(), self._signatures, *others, *self._within)

    def reads(self) -> tuple[str, ...]:
        """Return the path of the reference documents."""
        return (self.against,) if self.against else ()

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache."""
        from corpus.similarity.precompile import precompile

        precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return which documents to remove, each with the kept duplicate and their similarity."""
        from corpus.similarity.greedy import resolve_duplicates
        from corpus.similarity.ranked_documents import RankedDocuments, numbers
        from corpus.similarity.row_order import copies_of_earlier, merged_by_position

        columns = (*([self._policy] if self._policy else []), *self._within)
        require_values(corpus, columns, stage=self.stage)
        if self.cluster_size:
            refuse_values(corpus, _OWN_CLUSTER_SIZE, stage=self.stage)
        scopes = _scopes(corpus, self._within)
        rows = self._in_order_of_preference(corpus)
        copies = copies_of_earlier(
            corpus.column("content"), rows, scopes[rows] if len(scopes) else None
        )
        signatures = self._signatures
        is_compared = (numbers(corpus.column(signatures.shingles)) > 0)[rows]
        is_compared[copies.positions] = False
        compared = np.flatnonzero(is_compared)
        del is_compared
        matches, reference_ids = self._reference_duplicates(corpus, rows, compared)
        if len(matches.positions):
            compared = np.setdiff1d(compared, matches.positions, assume_unique=True)
        all_compared = len(compared) == len(rows)
        documents = RankedDocuments(
            corpus,
            signatures,
            rows if all_compared else rows[compared],
            scopes[rows[compared]] if len(scopes) else scopes,
        )
        resolution = resolve_duplicates(documents, threshold=self.threshold, shape=self.bands)

        removed = np.flatnonzero(resolution.duplicate_of >= 0)
        duplicates = _Duplicates(
            compared[removed],
            compared[resolution.duplicate_of[removed]],
            np.full(len(removed), NEAR, np.int8),
            resolution.score[removed],
        )
        duplicates = _with_copies(merged_by_position(duplicates, matches), copies)
        metrics = {
            **band_metrics(self.bands, self.threshold, hashes=self.hashes),
            **pair_metrics(documents, resolution),
            **cluster_metrics(
                corpus, rows, duplicates.original[duplicates.reason != SEEN_ELSEWHERE]
            ),
        }
        del documents, compared, copies, resolution, removed, matches, scopes  # their memory
        decided = _decisions(corpus, rows, duplicates, reference_ids, metrics)
        if not self.cluster_size:
            return decided
        sizes = _cluster_sizes(len(corpus.alive), rows, duplicates)
        return column(decided, "cluster_size", sizes, pa.int32())

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the bands, their recall at the threshold, and how many pairs were compared."""
        return decoded_metrics(decisions)

    def _reference_duplicates(
        self, corpus: CorpusView, rows: NDArray[np.int64], compared: NDArray[np.int64]
    ) -> tuple[_Duplicates, pa.Array]:
        """Return which compared documents duplicate a reference document, and the ids of those.

        Both are empty without `against`. A benchmark seldom has a language column: a column of
        `within` that is empty there is ignored.
        """
        from corpus.similarity.greedy import resolve_duplicates
        from corpus.similarity.ranked_documents import RankedDocuments, halves, numbers

        if self.against is None:
            none = np.zeros(0, np.int64)
            nothing = _Duplicates(none, none, none.astype(np.int8), np.zeros(0))
            return nothing, pa.array([], pa.string())
        signatures = self._signatures
        references = corpus.reference_documents(self.against, [signatures, *self._within])
        filled = [scope for scope in self._within if _has_values(references.column(scope.column))]
        names = [scope.column for scope in filled]
        both = concatenate_views(corpus, references, [KEY, ID, *signatures.names, *names])
        first = int(corpus.starts[-1])
        upper, lower = halves(references.column(KEY))
        reference_rows = np.lexsort((lower, upper))
        has_words = numbers(references.column(signatures.shingles)) > 0
        reference_rows = reference_rows[has_words[reference_rows]]
        all_rows = np.concatenate([first + reference_rows, rows[compared]])
        scopes = _scopes(both, filled)
        resolution = resolve_duplicates(
            RankedDocuments(both, signatures, all_rows, scopes[all_rows] if filled else scopes),
            threshold=self.threshold,
            shape=self.bands,
            groups=np.array([0, len(reference_rows)]),
        )
        match = resolution.duplicate_of[len(reference_rows) :]
        score = resolution.score[len(reference_rows) :]
        matched = np.flatnonzero(match >= 0)
        matches = _Duplicates(
            compared[matched],
            match[matched],
            np.full(len(matched), SEEN_ELSEWHERE, np.int8),
            score[matched],
        )
        return matches, ids(references, reference_rows)

    def _in_order_of_preference(self, corpus: CorpusView) -> NDArray[np.int64]:
        """Return the remaining rows by `keep`, then by content, then by id."""
        from corpus.similarity.row_order import sorted_rows

        rows = np.flatnonzero(corpus.alive)
        columns = (corpus.column("content"), corpus.column(KEY))
        return sorted_rows(rows, self._preference(corpus)[rows], columns)

    def _preference(self, corpus: CorpusView) -> NDArray[np.float64]:
        """Return a number for each row: the lowest is kept first; NaN if missing."""
        from corpus.similarity.ranked_documents import numbers

        policy = self._policy
        values = corpus.column(policy.column if policy else "characters")
        if isinstance(self.keep, Prefer):
            wanted = pa.array(next(iter(self.keep.prefer.values())), pa.string())
            preference = pc.index_in(values, wanted)
            if len(values) and preference.null_count == len(values):
                raise InputError(_no_preferred_value(self.keep, values))
            return numbers(preference, np.float64)
        numeric = numbers(values, np.float64)
        if self.keep != "oldest":
            np.negative(numeric, out=numeric)
        return numeric


def _no_preferred_value(keep: Prefer, values: pa.ChunkedArray) -> str:
    """Return the message that no document has a preferred value; it lists the frequent values."""
    ((name, preferred),) = keep.prefer.items()
    entries = [row for row in values.value_counts().to_pylist() if row["values"] is not None]
    entries.sort(key=lambda entry: (-entry["counts"], entry["values"]))
    listed = ", ".join(repr(entry["values"]) for entry in entries[:MAX_VALUES_SHOWN])
    more = ", ..." if len(entries) > MAX_VALUES_SHOWN else ""
    return (
        f"stage 'deduplicate': no document has a value of keep.prefer "
        f"({', '.join(map(repr, preferred))}) in {name!r}; the values there are "
        f"{listed}{more}. List some of them, or change `keep`"
    )


def _has_values(column: pa.ChunkedArray) -> bool:
    return column.null_count < len(column)


def _scopes(corpus: CorpusView, within: Sequence[Column]) -> NDArray[np.uint64]:
    """Return the scope of each row as a hash; empty if there is only one scope."""
    if not within:
        return np.zeros(0, np.uint64)
    columns = [corpus.column(column.column) for column in within]
    number, names = strata(columns, int(corpus.starts[-1]))
    hashed = [hashlib.sha256(repr(name).encode()).digest()[:8] for name in names]
    return np.frombuffer(b"".join(hashed), "<u8")[number]


def _with_copies(duplicates: _Duplicates, copies: Copies) -> _Duplicates:
    """Return the duplicates with the exact copies of earlier documents.

    A copy of a removed document is removed with it; a copy of a kept one is its exact duplicate.
    """
    from corpus.similarity.row_order import merged_by_position

    positions, n = duplicates.positions, len(copies.positions)
    place = np.searchsorted(positions, copies.firsts)
    is_removed = np.zeros(n, np.bool_)
    inside = place < len(positions)
    is_removed[inside] = positions[place[inside]] == copies.firsts[inside]
    original, reason, score = copies.firsts.copy(), np.full(n, EXACT, np.int8), np.ones(n)
    removed_firsts = place[is_removed]
    original[is_removed] = duplicates.original[removed_firsts]
    reason[is_removed] = duplicates.reason[removed_firsts]
    score[is_removed] = duplicates.score[removed_firsts]
    return merged_by_position(duplicates, _Duplicates(copies.positions, original, reason, score))


def _cluster_sizes(n_documents: int, rows: NDArray[np.int64], duplicates: _Duplicates) -> pa.Array:
    """Return the size of each document's cluster (int32[n_documents]); 1 if it was removed."""
    own = duplicates.original[duplicates.reason != SEEN_ELSEWHERE]
    sizes = np.ones(n_documents, np.int32)
    sizes[rows] += np.bincount(own, minlength=len(rows)).astype(np.int32)
    return pa.array(sizes)


def _decisions(
    corpus: CorpusView,
    rows: NDArray[np.int64],
    duplicates: _Duplicates,
    reference_ids: pa.Array,
    metrics: dict[str, object],
) -> pa.RecordBatch:
    """Return the decisions: the duplicate of each removed document, and the reason."""
    is_own = duplicates.reason != SEEN_ELSEWHERE
    own_ids = ids(corpus, rows[duplicates.original[is_own]])
    index = duplicates.original.copy()
    index[is_own] = len(reference_ids) + np.arange(len(own_ids))
    evidence = pa.concat_arrays([reference_ids, own_ids]).take(pa.array(index))
    reasons = pa.array(REASONS, pa.string()).take(pa.array(duplicates.reason))
    removals = Removals(rows[duplicates.positions], reasons, evidence, duplicates.score)
    return encode_decisions(corpus, removals, metrics)
