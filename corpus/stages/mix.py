"""Mix the training documents: how much of each language, source or other group to use.

    stages:
      - stage: mix
        by: source               # a column, or several: [language, publisher]
        temperature: 0.3         # or weights: {en: 0.7, de: 0.3}, or budgets: {en: 5M, de: 1M}
        unit: words              # or characters, tokens, documents
        max_epochs: 4            # how often a document may be used
        # budget: 10M                      size of the whole result
        # repeat_clusters: {2: 2, 5: 3}    documents that had duplicates are used more often

It is the last stage. Only training documents are mixed: test and validation do not change. Without
a split stage, all documents are training documents.

A group is used for a number of epochs, whole or fractional. With 0.42 epochs, a hash of its id
decides for each document whether it is one of the 42 % that are used; the others are removed for
the reason `mixed_out`. With 2.3 epochs, each document is used twice, and three of ten a third time.
Each document is stored once: the column `epochs` has how often to use it. A higher number of epochs
keeps every use of a lower one, and at the same number, another document changes none of them.

The size of a group is met on average, as each document is drawn by itself. Manifest, card, audit
and summary report what was wanted and what was reached.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, model_validator

from corpus.documents import KEY, SPLIT, column, halves
from corpus.errors import InputError
from corpus.mixture.epochs import Floats, count_uses, epochs_for
from corpus.mixture.removals import MIXED_OUT, removals
from corpus.mixture.report import mixed_groups
from corpus.mixture.sizes import NOT_MIXED, MixedDocuments
from corpus.mixture.targets import Wanted, group_targets
from corpus.observations import CorpusView, Observation
from corpus.settings import Amount
from corpus.similarity.decisions import decoded_metrics, with_metrics
from corpus.sources.columns.observation import Column, refuse_values
from corpus.stages.base import CorpusStage
from corpus.stages.boundaries import position_of_key
from corpus.stages.mixed_documents import UNITS, mixed_documents, observed_of
from corpus.terminal import format_bound

EPOCHS = "epochs"

MAX_EPOCHS = 1000
Weight = Annotated[FiniteFloat, Field(ge=0)]
Repeats = Annotated[FiniteFloat, Field(gt=0)]
ClusterSize = Annotated[int, Field(ge=2)]
Name = Annotated[str, Field(min_length=1)]

_EPOCHS = Column(name=EPOCHS, kind="text")


class Mix(CorpusStage):
    """Use some groups of training documents less, and others more often."""

    adds: ClassVar[pa.Schema] = pa.schema([(EPOCHS, pa.int32())])
    reasons: ClassVar[dict[str, str]] = {
        MIXED_OUT: "the mixture uses a part of its group (the evidence), without this document"
    }

    stage: Literal["mix"] = "mix"

    by: Name | Annotated[tuple[Name, ...], Field(min_length=1)]
    """Column whose values are the groups: `language`, `source` (the file), any other; or several
    columns. A group of several columns is named `en, Wire`; a value with a comma or a quote is in
    double quotes there: `en, "Wire, Inc."`. A missing value is `(none)`."""

    weights: Annotated[dict[str, Weight], Field(min_length=1)] | None = None
    """Share of each group in the result. Groups that are not listed are removed."""

    temperature: Annotated[FiniteFloat, Field(ge=0)] | None = None
    """Shares in proportion to size ^ temperature: 1 leaves them as they are, 0 makes them equal.
    Papers that write size ^ (1 / T) have the inverse."""

    budgets: Annotated[dict[str, Amount], Field(min_length=1)] | None = None
    """Size of each group in the result: `{en: 5M, de: 1M}`. Groups that are not listed are
    removed."""

    budget: Annotated[Amount, Field(gt=0)] | None = None
    """Size of the whole result: 5000, `250K`, `10M`, `1.5B`. Default: the size of all groups with a
    share, or the largest at which `max_epochs` allows the shares."""

    unit: Literal["words", "characters", "tokens", "documents"] = "words"
    """What sizes are numbers of. Tokens are those that the stage `tokens` counted."""

    max_epochs: Annotated[FiniteFloat, Field(gt=0, le=MAX_EPOCHS)] = 4.0
    """Maximum number of times that a document is used. A group with too few documents stays below
    its size, and the build reports it."""

    repeat_clusters: dict[ClusterSize, Repeats] = Field({}, max_length=100)
    """How often to use a document in one epoch, by the number of its duplicates and itself:
    `{2: 2, 5: 3}` is twice from 2 on, and three times from 5 on. It needs the column
    `cluster_size`, which `deduplicate` adds with `cluster_size: true`."""

    seed: int | None = None
    """Seed of the choice of documents; by default the seed of the config."""

    @model_validator(mode="after")
    def _settings_agree(self) -> Self:
        """Refuse settings that contradict each other."""
        given = [n for n in ("weights", "temperature", "budgets") if getattr(self, n) is not None]
        if len(given) != 1:
            raise ValueError(
                f"set one of weights, temperature and budgets, not {' and '.join(given) or 'none'}"
            )
        if not any((self.weights or self.budgets or {"": 1}).values()):
            raise ValueError(f"{given[0]} add up to 0: give a group more than 0")
        if self.budgets is not None and self.budget is not None:
            raise ValueError("budgets has the size of each group: remove budget")
        if isinstance(self.by, tuple) and len(set(self.by)) < len(self.by):
            raise ValueError("by names a column twice: remove one")
        if SPLIT in self._by:
            raise ValueError("by cannot be the split: only training documents are mixed")
        for size, repeats in self.repeat_clusters.items():
            if repeats > self.max_epochs:
                raise ValueError(
                    f"repeat_clusters uses documents {format_bound(repeats)} times ({size}), and "
                    f"max_epochs is {format_bound(self.max_epochs)}: lower the one or raise the "
                    "other"
                )
        return self

    @property
    def _by(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else self.by

    def observes(self) -> tuple[Observation, ...]:
        """Return the split, the columns of the groups, the size, and the size of the cluster."""
        return (*observed_of(self._by, self.unit, self.repeat_clusters), _EPOCHS)

    def kernels(self) -> None:
        """Compile the kernel that counts words, or load it from the cache."""
        if self.unit == "words":
            from corpus.words.count import count_words

            count_words(pa.array(["word"]))

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return how often each document is used, and which ones are removed."""
        refuse_values(corpus, _EPOCHS, stage=self.stage)
        documents = mixed_documents(corpus, self._by, self.unit, self.repeat_clusters)
        repeats = np.array([1.0, *(n for _, n in sorted(self.repeat_clusters.items()))])
        size = UNITS[self.unit][1]
        sizes = documents.sum(size)
        by = " and ".join(self._by)
        wanted = Wanted(self.weights, self.budgets, self.temperature, self.budget, self.max_epochs)
        targets, is_wanted = group_targets(wanted, documents, sizes, repeats, by=by)
        epochs = epochs_for(targets, sizes, repeats, self.max_epochs)
        epochs[~is_wanted] = 0.0
        uses = self._uses(documents, epochs)
        if len(documents.names) and not uses[documents.is_mixed].any():
            raise InputError(self._nothing_used(sizes.sum(), targets.sum()))
        groups = mixed_groups(documents, size, targets, uses, self.max_epochs)
        removed = removals(documents, epochs, uses, by=", ".join(self._by))
        decided = with_metrics(removed, {"mixture": groups})
        return column(decided, EPOCHS, pa.array(uses), pa.int32())

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:
        """Return what was wanted and used of each group (`corpus.mixture.report.MixedGroup`)."""
        return decoded_metrics(decisions)

    def _uses(self, documents: MixedDocuments, epochs: Floats) -> NDArray[np.int32]:
        """Return how often each document is used, int32[n_documents]; once if it is not mixed."""
        seed = documents.corpus.seed if self.seed is None else self.seed
        uses = np.ones(len(documents.group), np.int32)
        for rows, part in documents.parts():
            group, repeat_class = documents.group[rows], documents.repeat_class[rows]
            here = group != NOT_MIXED
            upper, lower = halves(part.column(KEY)).T
            positions = position_of_key(upper[here], lower[here], seed, "mix")
            uses[rows][here] = count_uses(epochs[group[here], repeat_class[here]], positions)
        return uses

    def _nothing_used(self, size: float, target: float) -> str:
        """Return the message that no training document is used."""
        return (
            f"stage 'mix': no training document is used. The wanted size in {self.unit} is "
            f"{target:,.0f}, that of the documents is {size:,.0f}; raise "
            f"{'budgets' if self.budgets else 'budget'} or max_epochs"
        )
