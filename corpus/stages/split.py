"""Divide the corpus into train, validation and test, so that nothing that is tested was trained on.

    stages:
      - stage: split
        test: 0.02               # shares of the documents; all others are train validation: 0.0
        leakage_threshold: 0.5   # the Jaccard with a test document from which one goes, or null

A document's split depends on its own id and the seed alone: it never moves when others come or go,
and a test document stays one when `validation` is raised. Then the leaks go: a train document that
is near enough to a kept test or validation document is removed, and a validation document that is
near enough to a test document. Documents may leave a split, and never cross. Every removal names
the document it is like, and the exact Jaccard.
"""

from __future__ import annotations

import hashlib
from typing import ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, model_validator

from corpus.documents import KEY, column
from corpus.similarity import observations
from corpus.similarity.bands import Bands, bands_for
from corpus.similarity.decisions import band_facts, decisions, facts_of
from corpus.stages.base import CorpusStage
from corpus.stages.observed import Observation, Observed

SPLITS = ("test", "validation", "train")
"""In the order of precedence: a document leaves for the sake of one in an earlier split."""

RECALL = 0.9999
"""What share of the pairs right at the threshold must become candidates; of nearer ones, more."""


class Split(CorpusStage):
    """Divide the corpus into splits that no near duplicate straddles."""

    adds: ClassVar[pa.Schema] = pa.schema([("split", pa.string())])
    reasons: ClassVar[dict[str, str]] = {
        "leak": "a test or validation document (the evidence) says too much of the same"
    }

    stage: Literal["split"] = "split"

    test: float = Field(0.02, ge=0, lt=1)
    """The share of documents in the test split, before leaks are taken out."""

    validation: float = Field(0.0, ge=0, lt=1)
    """The share of documents in the validation split, before leaks are taken out."""

    leakage_threshold: float | None = Field(0.5, gt=0, le=1)
    """The Jaccard with a test or validation document from which one is a leak; null: none is."""

    words: int = Field(5, ge=1, le=64)
    """Words in a shingle; the deduplicate stage's value saves measuring twice."""

    hashes: int = Field(128, ge=16, le=1024)
    """Hashes in a signature; the deduplicate stage's value saves measuring twice."""

    seed: int | None = None
    """Chooses who is in which split; the config's seed unless it is given."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.test + self.validation >= 1:
            raise ValueError(
                "test and validation together leave nothing to train on: lower one of the two"
            )
        if self.leakage_threshold and not bands_for(
            self.hashes, self.leakage_threshold, least=RECALL
        ):
            raise ValueError(
                f"{self.hashes} hashes cannot find pairs at a leakage_threshold of "
                f"{self.leakage_threshold}: raise one of the two"
            )
        return self

    @property
    def bands(self) -> Bands | None:
        """Return how signatures are cut into bands; None where leaks are not looked for."""
        if self.leakage_threshold is None or self.test + self.validation == 0:
            return None
        return bands_for(self.hashes, self.leakage_threshold, least=RECALL)

    @property
    def _signatures(self) -> observations.Signatures:
        return observations.Signatures(words=self.words, hashes=self.hashes)

    def observes(self) -> tuple[Observation, ...]:
        """Return the signature, where leaks are looked for."""
        return (self._signatures,) if self.bands else ()

    def kernels(self) -> None:
        """Compile, or load from the cache, all that observing and deciding call."""
        if self.bands:
            from corpus.similarity.warm import warm

            warm()

    def decide(self, corpus: Observed) -> pa.RecordBatch:
        """Return the split of each document, and which of them would leak."""
        seed = corpus.seed if self.seed is None else self.seed
        from corpus.similarity.ranked import halves

        upper, lower = halves(corpus.column(KEY))
        drawn = draw(upper, lower, seed)
        cuts = [int(share * 2**64) for share in (self.test, self.test + self.validation)]
        split = np.searchsorted(np.array(cuts, np.uint64), drawn, side="right")
        rows = np.flatnonzero(corpus.alive)
        rows = rows[np.lexsort((lower[rows], upper[rows], split[rows]))]
        found = self._leaks(corpus, rows, split)
        names = pa.array(SPLITS, pa.string()).take(pa.array(split))
        return column(found, "split", names, pa.string())

    def _leaks(
        self, corpus: Observed, rows: NDArray[np.int64], split: NDArray[np.int64]
    ) -> pa.RecordBatch:
        """Return which of the rows, in order of precedence, are too near to one of another."""
        none = np.zeros(0, np.int64)
        if self.leakage_threshold is None or self.bands is None:
            return decisions(corpus, rows, none, [], none, np.zeros(0), {})
        from corpus.similarity.greedy import settle
        from corpus.similarity.ranked import Ranked, numbers

        rows = rows[numbers(corpus.column(self._signatures.shingles))[rows] > 0]
        found = settle(
            Ranked(corpus, self._signatures, rows),
            threshold=self.leakage_threshold,
            shape=self.bands,
            groups=np.searchsorted(split[rows], np.arange(len(SPLITS))),
        )
        facts = {
            **band_facts(self.bands, self.leakage_threshold),
            "compared": found.compared,
            "highest_left": round(found.left, 6),
        }
        goes = np.flatnonzero(found.near >= 0)
        because = ["leak"] * len(goes)
        return decisions(corpus, rows, goes, because, found.near[goes], found.score[goes], facts)

    def facts(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return the bands, their recall, and the highest Jaccard that is left across splits."""
        return facts_of(decisions)


def draw(upper: NDArray[np.uint64], lower: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return a number for each key, uniform over 64 bits and independent for each seed.

    The seed's hash and both halves of the key, mixed by splitmix64's finalizer (Steele, Lea, Flood,
    "Fast Splittable Pseudorandom Number Generators", 2014).
    """
    salt = hashlib.sha256(f"corpus split {seed}".encode()).digest()
    return _mix(_mix(upper ^ np.frombuffer(salt, "<u8", 1)) ^ lower)


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)
