"""Divide the corpus into train, validation and test, so that nothing that is tested was trained on.

    stages:
      - stage: split
        test: 0.02               # a share of the documents, or so many of them: 500
        validation: 0.0          # all others are train
        by: hash                 # of the id; or date: the newest are tested; or {group: publisher}
        stratify: []             # [language]: the same share of each
        leakage_threshold: 0.5   # the Jaccard with a test document from which one goes, or null

A document's split depends on its own id (its date, its group) and the seed alone: it never moves
when others come or go, and a test document stays one when `validation` is raised. What is chosen
by rank, a count, a share by date or of each stratum, has a boundary that depends on the others: the
build states it as `boundaries`, and given in the config it holds for the next one.

Then the leaks go: a train document that is near enough to a kept test or validation document is
removed, and a validation document that is near enough to a test document. Documents may leave a
split, and never cross. Every removal names a document it is too like, and the exact Jaccard.
"""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from corpus.documents import DATE, KEY, column
from corpus.observations import CorpusView, Observation
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
from corpus.stages.base import CorpusStage
from corpus.stages.boundaries import Boundary, divided, rank_cuts, said_of, shared_out, strata
from corpus.stages.places import NEVER, draw, of_groups, place_of_date

SPLITS = ("test", "validation", "train")
"""In the order of precedence: a document leaves for the sake of one in an earlier split."""

RECALL = 0.9999
"""What share of the pairs right at the threshold must become candidates; of nearer ones, more."""


class Group(BaseModel):
    """Keep the documents of a group together."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    group: str
    """The column that names the group; a document without one is a group of its own."""


class Split(CorpusStage):
    """Divide the corpus into splits that no near duplicate straddles."""

    adds: ClassVar[pa.Schema] = pa.schema([("split", pa.string())])
    reasons: ClassVar[dict[str, str]] = {
        "leak": "a test or validation document (the evidence) says too much of the same"
    }

    stage: Literal["split"] = "split"

    test: int | float = 0.02
    """The share of documents in the test split, or their number, before leaks are taken out."""

    validation: int | float = 0.0
    """The share of documents in the validation split, or their number, before leaks go."""

    by: Literal["hash", "date"] | Group = "hash"
    """What decides: the hash of the id, the date (the newest are tested), or {group: COLUMN}."""

    stratify: tuple[str, ...] = ()
    """Columns of whose every value each split gets its share."""

    boundaries: tuple[Boundary, ...] = ()
    """Where the splits end, as an earlier build states it, so that nobody moves."""

    leakage_threshold: float | None = Field(0.5, gt=0, le=1)
    """The Jaccard with a test or validation document from which one is a leak; null: none goes,
    and how many texts are in two splits word for word is told all the same."""

    words: int = Field(5, ge=1, le=64)
    """Words in a shingle; the deduplicate stage's value saves measuring twice."""

    hashes: int = Field(128, ge=16, le=1024)
    """Hashes in a signature; the deduplicate stage's value saves measuring twice."""

    seed: int | None = None
    """Chooses who is in which split; the config's seed unless it is given."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        for name in ("test", "validation"):
            size = getattr(self, name)
            if size < 0 or (isinstance(size, float) and size >= 1):
                raise ValueError(
                    f"{name} is a share, 0 to below 1, or a whole number of documents, not {size}"
                )
        if sum(size for size in (self.test, self.validation) if isinstance(size, float)) >= 1:
            raise ValueError(
                "test and validation together leave nothing to train on: lower one of the two"
            )
        if self.stratify and isinstance(self.by, Group):
            raise ValueError("a group may be of several strata: leave out stratify, or by: group")
        if any(len(one.stratum) != len(self.stratify) for one in self.boundaries):
            raise ValueError("each of the boundaries needs as many values as stratify has columns")
        for said in (s for one in self.boundaries for s in (one.test, one.validation) if s):
            if said.startswith("0x") == (self.by == "date"):
                raise ValueError(
                    f"{said!r} is no boundary here: by date they are dates, else places, 0x..., "
                    "as a build states them"
                )
        if len({one.stratum for one in self.boundaries}) < len(self.boundaries):
            raise ValueError("two of the boundaries are for the same stratum: leave out one")
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
        """Return how signatures are cut into bands; None where leaks are not looked for."""
        if self.leakage_threshold is None or not self._holds_out:
            return None
        return bands_for(self.hashes, self.leakage_threshold, min_recall=RECALL)

    @property
    def _holds_out(self) -> bool:
        return bool(self.test or self.validation or self.boundaries)

    @property
    def _signatures(self) -> observations.Signatures:
        return observations.Signatures(words=self.words, hashes=self.hashes)

    @property
    def _by(self) -> observations.Column | None:
        if isinstance(self.by, Group):
            return observations.Column(name=self.by.group, kind="text")
        return observations.Column(name=DATE, kind="date") if self.by == "date" else None

    @property
    def _strata(self) -> tuple[observations.Column, ...]:
        return tuple(observations.Column(name=name, kind="text") for name in self.stratify)

    @property
    def _ranked(self) -> bool:
        """Return whether the others decide where a split ends."""
        counts = any(isinstance(size, int) and size for size in (self.test, self.validation))
        return counts or self.by == "date" or bool(self.stratify)

    def observes(self) -> tuple[Observation, ...]:
        """Return content hash and signature, where they are looked at, and what decides."""
        found: list[Observation] = [observations.Content()] if self._holds_out else []
        found += [self._signatures] if self.bands else []
        return (*found, *([self._by] if self._by else []), *self._strata)

    def kernels(self) -> None:
        """Compile, or load from the cache, all that observing and deciding call."""
        if self._holds_out:
            from corpus.similarity.precompile import precompile

            precompile()

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return the split of each document, and which of them would leak."""
        from corpus.similarity.ranked_documents import halves

        asked = (*([self._by] if self._by else []), *self._strata)
        observations.require_values(corpus, asked, stage=self.stage)
        places = self._places(corpus)
        split, stated = self._divided(corpus, places)
        upper, lower = halves(corpus.column(KEY))
        rows = np.flatnonzero(corpus.alive)
        rows = rows[np.lexsort((lower[rows], upper[rows], split[rows]))]
        found = self._leaks(corpus, rows, split, stated)
        names = pa.array(SPLITS, pa.string()).take(pa.array(split))
        return column(found, "split", names, pa.string())

    def _places(self, corpus: CorpusView) -> NDArray[np.uint64]:
        """Return the place of each document in the order that the splits are taken from."""
        from corpus.similarity.ranked_documents import halves

        if self.by == "date":
            dates = corpus.column(f"date_{DATE}")
            found = place_of_date(dates.fill_null(0).to_numpy())
            found[dates.is_null().to_numpy()] = NEVER
            return found
        upper, lower = halves(corpus.column(KEY))
        if self._by:
            upper, lower = of_groups(corpus.column(self._by.column), upper, lower)
        return draw(upper, lower, corpus.seed if self.seed is None else self.seed)

    def _divided(
        self, corpus: CorpusView, places: NDArray[np.uint64]
    ) -> tuple[NDArray[np.int64], dict[str, object]]:
        """Return the number of each document's split, and the boundaries to be stated."""
        sizes = (self.test, self.validation)
        shares = [size if isinstance(size, float) else 0.0 for size in sizes]
        if self.by == "date":
            shares = [0.0, 0.0]
        cuts = [int(share * 2**64) for share in (shares[0], sum(shares))]
        split = np.searchsorted(np.array(cuts, np.uint64), places, side="right")
        if not self._ranked and not self.boundaries:
            return split, {}
        number, names = strata([corpus.column(c.column) for c in self._strata], len(places))
        stated = self.boundaries or self._stated(places, number, names, corpus.alive)
        split = divided(split, places, number, names, stated)
        return split, {"boundaries": [one.model_dump(mode="json") for one in stated]}

    def _stated(
        self,
        places: NDArray[np.uint64],
        number: NDArray[np.int64],
        names: list[tuple[str | None, ...]],
        alive: NDArray[np.bool_],
    ) -> tuple[Boundary, ...]:
        """Return where the splits end in each stratum, by the documents that are there."""
        there = alive & (places != NEVER)
        held = np.bincount(number[there], minlength=len(names))
        counts = [
            shared_out(size, held)
            if isinstance(size, int)
            else np.floor(size * held + 0.5).astype(np.int64)
            for size in (self.test, self.validation)
        ]
        order = np.argsort(number[there], kind="stable")
        of_each = np.split(places[there][order], np.cumsum(held)[:-1])
        found = []
        for k in sorted(range(len(names)), key=lambda k: [(v is None, v or "") for v in names[k]]):
            test, validation = rank_cuts(of_each[k], [int(count[k]) for count in counts])
            date = self.by == "date"
            ends = {"test": said_of(test, date=date), "validation": said_of(validation, date=date)}
            found.append(Boundary(stratum=names[k], **ends))
        return tuple(found)

    def _leaks(
        self,
        corpus: CorpusView,
        rows: NDArray[np.int64],
        split: NDArray[np.int64],
        stated: dict[str, object],
    ) -> pa.RecordBatch:
        """Return which of the rows, in order of precedence, are too near to one of another."""
        from corpus.similarity.highest_remaining import measured_recall
        from corpus.similarity.leaks import count_overlap, find_leaks

        if self.leakage_threshold is None or self.bands is None:
            told = {"overlap": count_overlap(corpus, rows, split[rows])} if self._holds_out else {}
            nothing = Removals(np.zeros(0, np.int64), [], pa.array([], pa.string()), np.zeros(0))
            return encode_decisions(corpus, nothing, told | stated)
        found = find_leaks(
            *(corpus, self._signatures, rows, split[rows]),
            threshold=self.leakage_threshold,
            shape=self.bands,
        )
        metrics = {
            **band_metrics(self.bands, self.leakage_threshold, hashes=self.hashes),
            **pair_metrics(found.documents, found.resolution),
            **(
                {"highest_left_at_least": True}
                if found.resolution.budget_exhausted
                else {"recall_of_highest": rounded_down(measured_recall(self.hashes))}
            ),
            "overlap": found.overlap,
            **stated,
        }
        goes = np.flatnonzero(found.leaked_from >= 0)
        because, evidence = ["leak"] * len(goes), ids(corpus, rows[found.leaked_from[goes]])
        removals = Removals(rows[goes], because, evidence, found.score[goes])
        return encode_decisions(corpus, removals, metrics)

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the bands, their recall, and what is left in two splits: how alike, how often."""
        return decoded_metrics(decisions)
