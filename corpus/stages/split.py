"""Split the corpus into train, validation and test, without leakage between them.

    stages:
      - stage: split
        test: 0.02               # a share of the documents, or a number of documents: 500
        validation: 0.0          # all others are train
        by: hash                 # of the id; or date (the newest are test); or {group: publisher}
        stratify: []             # [language]: the same share of each language
        leakage_threshold: 0.5   # minimum Jaccard similarity of a leak; null keeps leaks

The split of a document depends only on its own id (or date, or group) and on the seed. It does not
change if other documents are added or removed, and a test document stays in test if `validation`
is raised. A selection by rank (a number of documents, a share by date or of each stratum) has a
boundary that depends on the other documents. The build reports it as `boundaries`; set in the
config, it also applies to the next build.

Then leaks are removed: training documents too similar to a kept test or validation document, and
validation documents too similar to a test document. A document may be removed from its split, but
it never moves to another. Every removal names a similar document and the exact Jaccard similarity.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, model_validator

from corpus.documents import DATE, KEY, column, halves
from corpus.observations import CorpusView, Observation
from corpus.settings import Settings
from corpus.similarity import observations
from corpus.similarity.bands import Bands, bands_for
from corpus.similarity.decisions import (
    Removals,
    band_metrics,
    decoded_metrics,
    encode_decisions,
    ids,
    pair_metrics,
    rounded_down,
)
from corpus.sources.columns.observation import Column, require_values
from corpus.stages.base import CorpusStage
from corpus.stages.boundaries import (
    NO_POSITION,
    Boundary,
    apply_boundaries,
    as_boundary,
    group_hashes,
    position_of_date,
    position_of_key,
    rank_cuts,
    share_out,
    strata,
)

SPLITS = ("test", "validation", "train")
"""In order of precedence: a leak is removed from the later of two splits."""

RECALL = 0.9999
"""Minimum share of the pairs at the threshold that must become candidates."""


class Group(Settings):
    """Keep the documents of a group together."""

    group: str
    """Name of the column with the group; a document without one is its own group."""


class Split(CorpusStage):
    """Split the corpus so that no near duplicates are in different splits."""

    adds: ClassVar[pa.Schema] = pa.schema([("split", pa.string())])
    reasons: ClassVar[dict[str, str]] = {
        "leak": "it is too similar to a test or validation document (the evidence)"
    }

    stage: Literal["split"] = "split"

    test: int | float = 0.02
    """Share or number of documents in the test split, before leaks are removed."""

    validation: int | float = 0.0
    """Share or number of documents in the validation split, before leaks are removed."""

    by: Literal["hash", "date"] | Group = "hash"
    """What decides the split: the hash of the id, the date (the newest are test), or {group:
    COLUMN}."""

    stratify: tuple[str, ...] = ()
    """Columns; each split gets the same share of every value."""

    boundaries: tuple[Boundary, ...] = ()
    """Boundaries of the splits, as reported by an earlier build: no document changes its split."""

    leakage_threshold: float | None = Field(0.5, gt=0, le=1)
    """Minimum Jaccard similarity to a test or validation document at which a document is a leak.
    With null, leaks are kept; texts that occur word for word in two splits are still counted."""

    words: int = Field(5, ge=1, le=64)
    """Words per shingle. With the value of `deduplicate`, shingles are computed only once."""

    hashes: int = Field(128, ge=16, le=1024)
    """Hashes per signature. With the value of `deduplicate`, they are computed only once."""

    seed: int | None = None
    """Seed of the split; by default the seed of the config."""

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        for name in ("test", "validation"):
            size = getattr(self, name)
            if size < 0 or (isinstance(size, float) and size >= 1):
                raise ValueError(
                    f"{name} is a share, 0 to below 1, or a whole number of documents, not {size}"
                )
        if sum(size for size in (self.test, self.validation) if isinstance(size, float)) >= 1:
            raise ValueError("test and validation leave no training documents: lower one of them")
        if self.stratify and isinstance(self.by, Group):
            raise ValueError(
                "a group may belong to several strata: remove stratify, or `by: {group: ...}`"
            )
        if any(len(boundary.stratum) != len(self.stratify) for boundary in self.boundaries):
            raise ValueError("each boundary needs one value for each column of stratify")
        ends = [
            end
            for boundary in self.boundaries
            for end in (boundary.test, boundary.validation)
            if end
        ]
        for end in ends:
            if end.startswith("0x") == (self.by == "date"):
                raise ValueError(
                    f"{end!r} is not a valid boundary: with `by: date` it is a date, else a hash "
                    "(0x...), as reported by a build"
                )
        if len({boundary.stratum for boundary in self.boundaries}) < len(self.boundaries):
            raise ValueError("two boundaries for the same stratum: remove one")
        if self.leakage_threshold and not bands_for(
            self.hashes, self.leakage_threshold, min_recall=RECALL
        ):
            raise ValueError(
                f"{self.hashes} hashes cannot find pairs at a leakage_threshold of "
                f"{self.leakage_threshold}: raise one of the two"
            )
        return self

    @property
    def bands(self) -> Bands | None:
        """Return how signatures are divided into bands; None if leaks are not searched."""
        if self.leakage_threshold is None or not self._has_held_out:
            return None
        return bands_for(self.hashes, self.leakage_threshold, min_recall=RECALL)

    @property
    def _has_held_out(self) -> bool:
        return bool(self.test or self.validation or self.boundaries)

    @property
    def _signatures(self) -> observations.Signatures:
        return observations.Signatures(words=self.words, hashes=self.hashes)

    @property
    def _by(self) -> Column | None:
        if isinstance(self.by, Group):
            return Column(name=self.by.group, kind="text")
        return Column(name=DATE, kind="date") if self.by == "date" else None

    @property
    def _strata(self) -> tuple[Column, ...]:
        return tuple(Column(name=name, kind="text") for name in self.stratify)

    @property
    def _ranked(self) -> bool:
        """Return whether the boundary of a split depends on other documents."""
        counts = any(isinstance(size, int) and size for size in (self.test, self.validation))
        return counts or self.by == "date" or bool(self.stratify)

    def observes(self) -> tuple[Observation, ...]:
        """Return content hash and signature, if needed, and the columns that decide."""
        observed: list[Observation] = [observations.Content()] if self._has_held_out else []
        observed += [self._signatures] if self.bands else []
        return (*observed, *([self._by] if self._by else []), *self._strata)

    def kernels(self) -> None:
        """Compile the kernels, or load them from the cache."""
        if self._has_held_out:
            from corpus.similarity.precompile import precompile

            precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return the split of each document, and which documents are leaks."""
        from corpus.similarity.row_order import sorted_rows

        columns = (*([self._by] if self._by else []), *self._strata)
        require_values(corpus, columns, stage=self.stage)
        split, boundaries = self._assigned(corpus)
        rows = np.flatnonzero(corpus.alive)
        rows = sorted_rows(rows, split[rows], [corpus.column(KEY)])
        decided = self._leaks(corpus, rows, split, boundaries)
        names = pa.array(SPLITS, pa.string()).take(pa.array(split))
        return column(decided, "split", names, pa.string())

    def _positions(self, part: pa.RecordBatch, seed: int) -> NDArray[np.uint64]:
        """Return the position of each document in the order in which splits are filled."""
        if self.by == "date":
            dates = part.column(f"date_{DATE}")
            positions = position_of_date(dates.fill_null(0).to_numpy())
            positions[dates.is_null().to_numpy(zero_copy_only=False)] = NO_POSITION
            return positions
        upper, lower = halves(part.column(KEY)).T
        if self._by:
            groups = pa.chunked_array([part.column(self._by.column)])
            upper, lower = group_hashes(groups, upper, lower)
        return position_of_key(upper, lower, seed)

    def _assigned(self, corpus: CorpusView) -> tuple[NDArray[np.int8], dict[str, object]]:
        """Return the number of each document's split, and the boundaries to report.

        The positions of all documents are in memory only if their ranks decide.
        """
        sizes = (self.test, self.validation)
        shares = [size if isinstance(size, float) else 0.0 for size in sizes]
        if self.by == "date":
            shares = [0.0, 0.0]
        cuts = np.array([int(share * 2**64) for share in (shares[0], sum(shares))], np.uint64)
        seed = corpus.seed if self.seed is None else self.seed
        n, needs_positions = int(corpus.starts[-1]), self._ranked or bool(self.boundaries)
        split = np.empty(n, np.int8)
        all_positions = np.empty(n if needs_positions else 0, np.uint64)
        for first, part in zip(corpus.starts[:-1].tolist(), corpus.parts, strict=True):
            rows, positions = slice(first, first + part.num_rows), self._positions(part, seed)
            split[rows] = np.searchsorted(cuts, positions, side="right")
            if needs_positions:
                all_positions[rows] = positions
        if not needs_positions:
            return split, {}
        columns = [corpus.column(observed.column) for observed in self._strata]
        number, names = strata(columns, n)
        boundaries = self.boundaries or self._boundaries(all_positions, number, names, corpus.alive)
        split = apply_boundaries(split, all_positions, number, names, boundaries)
        return split, {"boundaries": [boundary.model_dump(mode="json") for boundary in boundaries]}

    def _boundaries(
        self,
        positions: NDArray[np.uint64],
        number: NDArray[np.int64],
        names: list[tuple[str | None, ...]],
        alive: NDArray[np.bool_],
    ) -> tuple[Boundary, ...]:
        """Return the boundaries of the splits in each stratum, from the remaining documents."""
        present = alive & (positions != NO_POSITION)
        sizes = np.bincount(number[present], minlength=len(names))
        counts = [
            share_out(size, sizes)
            if isinstance(size, int)
            else np.floor(size * sizes + 0.5).astype(np.int64)
            for size in (self.test, self.validation)
        ]
        order = np.argsort(number[present], kind="stable")
        by_stratum = np.split(positions[present][order], np.cumsum(sizes)[:-1])
        boundaries = []
        sort_keys = [[(value is None, value or "") for value in name] for name in names]
        for stratum in sorted(range(len(names)), key=sort_keys.__getitem__):
            sizes_here = [int(count[stratum]) for count in counts]
            test, validation = rank_cuts(by_stratum[stratum], sizes_here)
            date = self.by == "date"
            ends = {
                "test": as_boundary(test, date=date),
                "validation": as_boundary(validation, date=date),
            }
            boundaries.append(Boundary(stratum=names[stratum], **ends))
        return tuple(boundaries)

    def _leaks(
        self,
        corpus: CorpusView,
        rows: NDArray[np.int64],
        split: NDArray[np.int8],
        boundaries: dict[str, object],
    ) -> pa.RecordBatch:
        """Return which of the rows, in order of precedence, leak into another split."""
        from corpus.similarity.highest_remaining import measured_recall
        from corpus.similarity.leaks import count_overlap, find_leaks

        if self.leakage_threshold is None or self.bands is None:
            overlap = count_overlap(corpus, rows, split[rows]) if self._has_held_out else None
            overlaps = {} if overlap is None else {"overlap": overlap}
            no_removals = Removals(
                np.zeros(0, np.int64), [], pa.array([], pa.string()), np.zeros(0)
            )
            return encode_decisions(corpus, no_removals, overlaps | boundaries)
        result = find_leaks(
            *(corpus, self._signatures, rows, split[rows]),
            threshold=self.leakage_threshold,
            shape=self.bands,
        )
        metrics: dict[str, object] = {
            **band_metrics(self.bands, self.leakage_threshold, hashes=self.hashes),
            **pair_metrics(result.documents, result.resolution),
            **(
                {"highest_left_at_least": True}
                if result.resolution.budget_exhausted
                else {"recall_of_highest": rounded_down(measured_recall(self.hashes))}
            ),
            "overlap": result.overlap,
            **boundaries,
        }
        because, evidence = ["leak"] * len(result.positions), ids(corpus, rows[result.leaked_from])
        removals = Removals(rows[result.positions], because, evidence, result.score)
        return encode_decisions(corpus, removals, metrics)

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the bands, their recall, and the similarity that remains between splits."""
        return decoded_metrics(decisions)
