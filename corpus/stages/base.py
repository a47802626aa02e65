"""What a stage is.

A stage *is* its settings: a frozen model whose fields are the settings of the config, and whose
methods say what happens to documents. It has no state and does no I/O. So the same stage runs in a
test, in a pool of processes or on a cluster, with the same result.

There are two kinds. A `DocumentStage` judges each document by itself. A `CorpusStage` must see the
whole corpus first: it *observes* each document in parallel, *decides* once, and its decisions are
*applied* in parallel, row by row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from corpus.documents import column, remove
from corpus.observations import CorpusView, Observation

DECISION = pa.schema([("reason", pa.string()), ("evidence", pa.string()), ("score", pa.float64())])
"""The columns of every decision; `reason` is null for a document that is kept."""

CUT_LINES_COLUMN = "cut"
"""A column of decisions (`corpus.documents.CUT_LINES_TYPE`): the lines to cut from a document that
is kept. It becomes the ledger of lines."""


class Stage(BaseModel, ABC):
    """The base of both kinds of stage: settings, and what they add and remove."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, strict=False
    )

    adds: ClassVar[pa.Schema] = pa.schema([])
    """The columns that the stage adds to a document, or fills."""

    reasons: ClassVar[dict[str, str]] = {}
    """Each reason for which the stage may remove a document, with its description."""

    stage: str

    changes_text: ClassVar[bool] = True
    """Whether `apply` may change `text`. If so, later stages cannot use earlier observations."""

    def reads(self) -> tuple[str, ...]:
        """Return the paths of reference documents, as written in the config."""
        return ()

    def files(self) -> tuple[Path, ...]:
        """Return the user's files, such as a model, that the result depends on."""
        return ()

    def required_modules(self, contents: AbstractSet[str]) -> tuple[str, ...]:  # noqa: ARG002
        """Return modules that documents with these contents need (`text`, `page`, `html`).

        A build imports them before it reads: a broken installation must not look like bad input.
        """
        return ()

    def kernels(self) -> None:
        """Compile the kernels of the stage, or load them from the cache; load its models."""


class DocumentStage(Stage):
    """A stage that judges each document by itself."""

    @abstractmethod
    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the same rows in the same order: changed, tagged or marked for removal."""


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
        for field in self.adds:
            documents = column(documents, field.name, decisions.column(field.name), field.type)
        reasons = decisions.column("reason")
        for reason in sorted(pc.unique(reasons.drop_null()).to_pylist()):
            documents = remove(
                documents,
                pc.equal(reasons, reason),
                because=reason,
                evidence=decisions.column("evidence"),
                score=decisions.column("score"),
            )
        return documents
