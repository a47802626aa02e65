"""What a stage is.

A stage *is* its settings: a frozen model whose fields are the settings of the config, and whose
methods say what happens to documents. It has no state and does no I/O. So the same stage runs in a
test, in a pool of processes or on a cluster, with the same result.

There are two kinds. A `DocumentStage` judges each document by itself. A `CorpusStage` must see the
whole corpus first: it *observes* each document in parallel, *decides* once, and its decisions are
*applied* in parallel, row by row.

A `ThresholdStage` is a document stage that does not change texts, and whose measurements are apart
from its judgements. So a build can measure each text once, and judge it again when a threshold
changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from corpus.documents import EVIDENCE, REASON, SCORE, column, optional, remove
from corpus.observations import CorpusView, Observation, compute_observations
from corpus.settings import LAZY
from corpus.stages.thresholds import Threshold

if TYPE_CHECKING:
    from corpus.sources.columns.observation import Column

DECISION = pa.schema([("reason", pa.string()), ("evidence", pa.string()), ("score", pa.float64())])
"""The columns of every decision; `reason` is null for a document that is kept."""

CUT_LINES_COLUMN = "cut"
"""A column of decisions (`corpus.documents.CUT_LINES_TYPE`): the lines to cut from a document that
is kept. It becomes the ledger of lines."""


class QuotedMetric(NamedTuple):
    """A metric with text of documents: a list of objects that have the text in a field."""

    metric: str
    field: str
    max_characters: int
    """Where a longer text was cut."""


class Stage(BaseModel, ABC):
    """The base of both kinds of stage: settings, and what they add and remove."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False) | LAZY

    adds: ClassVar[pa.Schema] = pa.schema([])
    """The columns that the stage adds to a document, or fills."""

    reasons: ClassVar[dict[str, str]] = {}
    """Each reason for which the stage may remove a document, with its description."""

    quoted_metrics: ClassVar[tuple[QuotedMetric, ...]] = ()
    """The metrics that have text of documents. A build that redacts personal data redacts them."""

    stage: str

    changes_text: ClassVar[bool] = True
    """Whether `apply` may change `text`. If so, later stages cannot use earlier observations."""

    def reads(self) -> tuple[str, ...]:
        """Return the paths of reference documents, as written in the config."""
        return ()

    def files(self) -> tuple[Path, ...]:
        """Return the user's files, such as a model, that the result depends on."""
        return ()

    def quoted_columns(self) -> tuple[str, ...]:
        """Return the columns whose values are the evidence of removals, as `name=value`.

        A build that redacts personal data in such a column redacts the evidence, too.
        """
        return ()

    def named_columns(self) -> tuple[str, ...]:
        """Return columns of the sources that the config names.

        A build reports those without a value in any document: a name may be misspelled.
        """
        return ()

    def prepare(self, folder: Path) -> tuple[Self, tuple[Path, ...]]:  # noqa: ARG002
        """Return the stage with what it makes once for all workers, and the files with it.

        A build calls it before workers start. Each file or folder is written below `folder`, whole
        or not at all, under a name of 32 hex digits: the hash of everything that it depends on. If
        it is there already, it is used again.
        """
        return self, ()

    def required_modules(self, contents: AbstractSet[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Return modules that documents with these contents need (`text`, `page`, `html`).

        A build imports them before it reads: a broken installation must not look like bad input.
        """
        return ()

    def kernels(self) -> None:
        """Compile the kernels of the stage, or load them from the cache; load its models."""

    def kernels_for(self, contents: AbstractSet[str]) -> None:  # noqa: ARG002
        """Load the kernels and models that documents with these contents need; by default, all.

        What is not loaded here, a worker loads when it needs it.
        """
        self.kernels()

    def kernel_parts(self) -> tuple[Callable[[], None], ...]:
        """Return functions that together compile nearly all kernels, each in a process of its own.

        The function that takes longest comes first.
        """
        return (self.kernels,)


class DocumentStage(Stage):
    """A stage that judges each document by itself."""

    @abstractmethod
    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the same rows in the same order: changed, tagged or marked for removal."""


class ThresholdStage(DocumentStage):
    """A document stage that measures each text, and then judges its measurements alone."""

    changes_text: ClassVar[bool] = False

    @abstractmethod
    def observes(self) -> tuple[Observation, ...]:
        """Return what to measure of each document. No threshold may be part of it."""

    @abstractmethod
    def judge(self, measured: pa.RecordBatch) -> pa.RecordBatch:
        """Return the measurements with the columns that the stage adds, same rows, same order.

        `measured` has the columns of what the stage observes. Rows to remove are marked as
        documents are (`corpus.documents.remove`). The result for a row does not depend on others.
        """

    def metrics(self, decisions: Iterable[pa.RecordBatch]) -> dict[str, object]:  # noqa: ARG002
        """Return figures about the decisions for manifest, card and audit, as plain JSON.

        `decisions` are those on the documents that earlier stages kept, in parts.
        """
        return {}

    def required_columns(self) -> Mapping[Column, str]:
        """Return observed columns without which it would judge no document: why, and a remedy.

        A build stops if no document has a value in one of them.
        """
        return {}

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the bounds of numbers that `judge` compares with, for people who choose them."""
        return ()

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with the columns of the stage; those to remove are marked."""
        judged = self.judge(compute_observations(documents, self.observes()))
        decisions = self.decisions(judged)
        if REASON in judged.schema.names:
            return mark_documents(documents, decisions, self.adds)
        return with_columns(documents, decisions, self.adds)

    def decisions(self, judged: pa.RecordBatch) -> pa.RecordBatch:
        """Return what `judge` decided on each row: the columns of `DECISION`, then its own."""
        marks = zip(DECISION, (REASON, EVIDENCE, SCORE), strict=True)
        columns = {field.name: optional(judged, mark, field.type) for field, mark in marks}
        columns |= {field.name: optional(judged, field.name, field.type) for field in self.adds}
        return pa.record_batch(columns, pa.schema([*DECISION, *self.adds]))


class CorpusStage(Stage):
    """A stage that must see the whole corpus before it can judge a document."""

    changes_text: ClassVar[bool] = False

    @abstractmethod
    def observes(self) -> tuple[Observation, ...]:
        """Return what to measure of each document; equal observations are made once."""

    @abstractmethod
    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return one decision for each document: the columns of `DECISION`, then its own.

        Documents that are not `corpus.alive` were removed earlier: they must not influence any
        decision, and their own decision is ignored.
        """

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:  # noqa: ARG002
        """Return figures about the decisions for manifest, card and audit, as plain JSON."""
        return {}

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with their decisions applied; row *i* of both is one document.

        The columns that the stage adds are taken from the decisions. A document whose decision has
        a reason is marked for removal.
        """
        return mark_documents(documents, decisions, self.adds)


DecidingStage = CorpusStage | ThresholdStage
"""A stage whose decisions need observations alone."""


def mark_documents(
    documents: pa.RecordBatch, decisions: pa.RecordBatch, adds: pa.Schema
) -> pa.RecordBatch:
    """Return the documents with the columns `adds` of their decisions, and the marks of removals.

    Row *i* of both is one document.
    """
    documents = with_columns(documents, decisions, adds)
    reasons, evidence, score = (decisions.column(field.name) for field in DECISION)
    return remove(documents, reasons.is_valid(), because=reasons, evidence=evidence, score=score)


def with_columns(
    documents: pa.RecordBatch, decisions: pa.RecordBatch, adds: pa.Schema
) -> pa.RecordBatch:
    """Return the documents with the columns `adds` of their decisions."""
    for field in adds:
        documents = column(documents, field.name, decisions.column(field.name), field.type)
    return documents
