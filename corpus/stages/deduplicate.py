"""Remove exact duplicates and near duplicates.

    stages:
      - stage: deduplicate
        threshold: 0.8        # minimum Jaccard similarity of two duplicates
        keep: longest         # or newest, oldest, {highest: score}, {prefer: {publisher: [AFP]}}
        within: []            # [language]: compare only documents in the same language
        against: null         # an earlier build or a benchmark: remove what it contains

All documents are put in one order: by `keep`, then by content hash, then by id. In that order, a
document is removed if and only if its similarity to a document already kept is at least the
threshold. So every cluster keeps a document, no document is removed because of a removed one, and
the reading order does not matter. Every removal names the kept document and the exact Jaccard
similarity. A text without words (`!!!`) is a duplicate only of an identical text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from corpus.documents import DATE, ID, KEY
from corpus.errors import InputError
from corpus.observations import CorpusView, Observation, concatenate_views
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
from corpus.stages.base import CorpusStage
from corpus.stages.boundaries import strata

REASONS = ("exact_duplicate", "near_duplicate", "seen_elsewhere")

RECALL = 0.999
"""Minimum share of the pairs at the threshold that must become candidates."""

MAX_VALUES_SHOWN = 8
"""Maximum number of column values that an error message lists."""


class Highest(BaseModel):
    """Keep the copy with the highest number in a column."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    highest: str
    """Name of the column; a missing value, or one that is not a number, comes last."""


class Prefer(BaseModel):
    """Keep the copy with the most preferred value in a column."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prefer: Annotated[dict[str, tuple[str, ...]], Field(min_length=1, max_length=1)]
    """One column and its values, the best first; values that are not listed come last."""


class Deduplicate(CorpusStage):
    """Keep one document from each group of duplicates."""

    reasons: ClassVar[dict[str, str]] = {
        "exact_duplicate": "it has the same words as a kept document (the evidence)",
        "near_duplicate": "it has nearly the same words as a kept document (the evidence)",
        "seen_elsewhere": "it has nearly the same words as a document in `against` (the evidence)",
    }

    stage: Literal["deduplicate"] = "deduplicate"

    threshold: float = Field(0.8, gt=0, le=1)
    """Minimum Jaccard similarity at which a document counts as a duplicate of one already kept."""

    keep: Literal["longest", "newest", "oldest"] | Highest | Prefer = "longest"
    """Which copy to keep: longest, newest, oldest, {highest: COLUMN} or {prefer: {COLUMN: [best,
    ...]}}."""

    words: int = Field(5, ge=1, le=64)
    """Words per shingle. Fewer words find looser copies; a shorter text is one shingle."""

    hashes: int = Field(128, ge=16, le=1024)
    """Hashes per signature. More hashes raise recall at the threshold, and cost more time."""

    within: tuple[str, ...] = ()
    """Columns; only documents with equal values in all of them are compared."""

    against: Annotated[str, Field(min_length=1)] | None = None
    """An earlier build, or a file or folder of documents (such as a benchmark); duplicates of them
    are removed. A column of `within` is ignored there if it is empty in all of its documents."""

    seed: int = 1
    """Seed of the hash functions. Exact Jaccard similarity decides, so it has hardly any effect."""

    @model_validator(mode="after")
    def _reaches(self) -> Self:
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
    def _policy(self) -> observations.Column | None:
        """Return the column that decides which copy to keep; None if the length does."""
        match self.keep:
            case Highest(highest=name):
                return observations.Column(name=name, kind="number")
            case Prefer(prefer=prefer):
                return observations.Column(name=next(iter(prefer)), kind="text")
            case "newest" | "oldest":
                return observations.Column(name=DATE, kind="date")
        return None

    @property
    def _within(self) -> tuple[observations.Column, ...]:
        return tuple(observations.Column(name=name, kind="text") for name in self.within)

    def observes(self) -> tuple[Observation, ...]:
        """Return content hash, signature, and the columns of `keep` and `within`."""
        policy = [self._policy] if self._policy else []
        return (observations.Content(), self._signatures, *policy, *self._within)

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

        asked = (*([self._policy] if self._policy else []), *self._within)
        observations.require_values(corpus, asked, stage=self.stage)
        scopes = _scopes(corpus, self._within)
        rows, original = self._ordered(corpus, scopes)
        copies = np.flatnonzero(original != np.arange(len(rows)))
        firsts = original[copies]
        signatures = self._signatures
        worded = numbers(corpus.column(signatures.shingles))[rows] > 0
        worded[copies] = False
        compared = np.flatnonzero(worded)
        del original, worded  # bytes per document: freed before pairs are compared
        met, like, likeness, others = self._seen(corpus, rows, compared)
        compared = np.setdiff1d(compared, met, assume_unique=True) if len(met) else compared
        same = len(compared) == len(rows)
        scope = scopes[rows[compared]] if len(scopes) else scopes
        documents = RankedDocuments(corpus, signatures, rows if same else rows[compared], scope)
        found = resolve_duplicates(documents, threshold=self.threshold, shape=self.bands)

        near, score = np.full(len(rows), -1, np.int64), np.full(len(rows), np.nan)
        seen = np.full(len(rows), -1, np.int64)
        near[compared] = np.where(found.duplicate_of >= 0, compared[found.duplicate_of], -1)
        score[compared] = found.score
        seen[met], score[met] = like, likeness
        # exact copies share the decision on the first of them
        near[copies], score[copies], seen[copies] = near[firsts], score[firsts], seen[firsts]
        alone = (near[copies] < 0) & (seen[copies] < 0)
        near[copies[alone]], score[copies[alone]] = firsts[alone], 1.0
        kind = np.where(seen >= 0, 2, 1)
        kind[copies[alone]] = 0
        metrics = {
            **band_metrics(self.bands, self.threshold, hashes=self.hashes),
            **pair_metrics(documents, found),
            **cluster_metrics(corpus, rows, near),
        }
        return _decisions(corpus, rows, (near, seen, kind), score, others, metrics)

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the bands, their recall at the threshold, and how many pairs were compared."""
        return decoded_metrics(decisions)

    def _seen(
        self, corpus: CorpusView, rows: NDArray[np.int64], compared: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], pa.Array]:
        """Return which compared documents duplicate a reference document.

        That is: their positions, the numbers of the reference documents, the similarities, and the
        ids of all reference documents. All are empty without `against`. A benchmark seldom has a
        language column: a column of `within` that is empty there is ignored.
        """
        from corpus.similarity.greedy import resolve_duplicates
        from corpus.similarity.ranked_documents import RankedDocuments, halves, numbers

        if self.against is None:
            none = np.zeros(0, np.int64)
            return none, none, np.zeros(0), pa.array([], pa.string())
        signatures = self._signatures
        there = corpus.reference_documents(self.against, [signatures, *self._within])
        filled = [one for one in self._within if _filled(there.column(one.column))]
        names = [one.column for one in filled]
        both = concatenate_views(corpus, there, [KEY, ID, *signatures.names, *names])
        first = int(corpus.starts[-1])
        upper, lower = halves(there.column(KEY))
        others = np.lexsort((lower, upper))
        others = others[numbers(there.column(signatures.shingles))[others] > 0]
        every = np.concatenate([first + others, rows[compared]])
        scopes = _scopes(both, filled)
        found = resolve_duplicates(
            RankedDocuments(both, signatures, every, scopes[every] if filled else scopes),
            threshold=self.threshold,
            shape=self.bands,
            groups=np.array([0, len(others)]),
        )
        near, score = found.duplicate_of[len(others) :], found.score[len(others) :]
        met = np.flatnonzero(near >= 0)
        return compared[met], near[met], score[met], ids(there, others)

    def _ordered(
        self, corpus: CorpusView, scopes: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the remaining rows in keep order, and for each the first with equal content."""
        from corpus.similarity.ranked_documents import first_occurrences, halves, halves_at

        alive = np.flatnonzero(corpus.alive)
        policy = self._preference(corpus)[alive]
        upper, lower = halves(corpus.column("content"))
        upper, lower = upper[alive], lower[alive]
        # numpy sorts NaN, a missing value, last
        order = np.lexsort((lower, upper, policy))
        upper, lower, policy = upper[order], lower[order], policy[order]
        alive = alive[order]
        del order
        tied = (upper[1:] == upper[:-1]) & (lower[1:] == lower[:-1])
        tied &= (policy[1:] == policy[:-1]) | (np.isnan(policy[1:]) & np.isnan(policy[:-1]))
        if tied.any():  # equal content: in the order of their ids
            member = np.flatnonzero(np.append(tied, False) | np.append(False, tied))
            run = np.cumsum(np.append(True, ~tied))[member]
            key_upper, key_lower = halves_at(corpus.column(KEY), alive[member])
            alive[member] = alive[member][np.lexsort((key_lower, key_upper, run))]
        if len(scopes):  # documents in different scopes are never equal
            lower ^= scopes[alive]
        return alive, first_occurrences(lower, upper)

    def _preference(self, corpus: CorpusView) -> NDArray[np.float64]:
        """Return a number for each row: the lowest is kept first; NaN if missing."""
        from corpus.similarity.ranked_documents import numbers

        policy = self._policy
        found = corpus.column(policy.column if policy else "characters")
        if isinstance(self.keep, Prefer):
            wanted = pa.array(next(iter(self.keep.prefer.values())), pa.string())
            place = pc.index_in(found, wanted)
            if len(found) and place.null_count == len(found):
                raise InputError(_no_preferred_value(self.keep, found))
            return numbers(place, np.float64)
        values = numbers(found, np.float64)
        return values if self.keep == "oldest" else -values


def _no_preferred_value(keep: Prefer, found: pa.ChunkedArray) -> str:
    """Return the message that no document has a preferred value; it lists the frequent values."""
    ((name, values),) = keep.prefer.items()
    counted = [one for one in found.value_counts().to_pylist() if one["values"] is not None]
    counted.sort(key=lambda one: (-one["counts"], one["values"]))
    there = ", ".join(repr(one["values"]) for one in counted[:MAX_VALUES_SHOWN])
    return (
        f"stage 'deduplicate': no document has a value of keep.prefer "
        f"({', '.join(map(repr, values))}) in {name!r}; the values there are "
        f"{there}{', ...' * (len(counted) > MAX_VALUES_SHOWN)}. List some of them, or change `keep`"
    )


def _filled(column: pa.ChunkedArray) -> bool:
    return column.null_count < len(column)


def _scopes(corpus: CorpusView, within: Sequence[observations.Column]) -> NDArray[np.uint64]:
    """Return the scope of each row as a hash; empty if there is only one scope."""
    if not within:
        return np.zeros(0, np.uint64)
    columns = [corpus.column(column.column) for column in within]
    number, names = strata(columns, int(corpus.starts[-1]))
    hashed = [hashlib.sha256(repr(name).encode()).digest()[:8] for name in names]
    return np.frombuffer(b"".join(hashed), "<u8")[number]


def _decisions(
    corpus: CorpusView,
    rows: NDArray[np.int64],
    outcomes: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    score: NDArray[np.float64],
    others: pa.Array,
    metrics: dict[str, object],
) -> pa.RecordBatch:
    """Return the decisions: the duplicate of each removed document, and the reason."""
    near, seen, kind = outcomes
    goes = np.flatnonzero((near >= 0) | (seen >= 0))
    reasons = [REASONS[k] for k in kind[goes].tolist()]
    which = np.where(seen[goes] < 0, len(others) + np.arange(len(goes)), seen[goes])
    evidence = pa.concat_arrays([others, ids(corpus, rows[near[goes]])]).take(pa.array(which))
    removals = Removals(rows[goes], reasons, evidence, score[goes])
    return encode_decisions(corpus, removals, metrics)
