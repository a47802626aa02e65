"""What a stage is.

A stage *is* its settings: a frozen model whose fields are what the config may set, and whose
methods say what happens to documents. It holds no state and does no I/O, so the same stage runs in
a test, in a pool of processes or on Ray, and gives the same answer.

There are two kinds. A `DocumentStage` judges each document by itself. A `CorpusStage` must see the
whole corpus first: what it wants to know of each document is *observed* in parallel, it *decides*
once, and its decisions are *applied* in parallel, row by row.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from corpus.documents import column, remove
from corpus.observations import CorpusView, Observation

DECISION = pa.schema([("reason", pa.string()), ("evidence", pa.string()), ("score", pa.float64())])
"""What every decision says: `reason` is null where the document stays."""

CUTS = "cut"
"""A column of decisions (`corpus.documents.CUT_LINES_TYPE`): what goes from the text of one that
stays. It is for the ledger of lines."""


class Stage(BaseModel, ABC):
    """What both kinds of stage share: settings, and a promise of what they do to a batch."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, strict=False
    )

    adds: ClassVar[pa.Schema] = pa.schema([])
    """The columns it adds to a document, or fills."""

    reasons: ClassVar[dict[str, str]] = {}
    """Every reason it may remove a document for, and what the reason means."""

    stage: str

    changes_text: ClassVar[bool] = True
    """Whether `apply` may change `text`: stages after it cannot share what was observed before
    it."""

    def reads(self) -> tuple[str, ...]:
        """Return the paths, as the config writes them, of documents it compares others with."""
        return ()

    def files(self) -> tuple[Path, ...]:
        """Return the files of the user's, a model say, that decide what it does to documents."""
        return ()

    def kernels(self) -> None:
        """Compile, or load from the cache, the kernels it will call; models too."""


class DocumentStage(Stage):
    """A stage that treats each document on its own."""

    @abstractmethod
    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the same rows in the same order: changed, tagged or marked for removal."""


class CorpusStage(Stage):
    """A stage that must know every document before it can judge one."""

    changes_text: ClassVar[bool] = False

    @abstractmethod
    def observes(self) -> tuple[Observation, ...]:
        """Return what has to be measured of each document; equal observations are made once."""

    @abstractmethod
    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return one decision for each document: the columns of `DECISION`, then its own.

        Documents that are not `corpus.alive` count for nothing, and their decision is not looked
        at.
        """

    def metrics(self, decisions: pa.RecordBatch) -> dict[str, object]:  # noqa: ARG002
        """Return what a reader of the card should know of this decision, as plain JSON."""
        return {}

    def apply(self, documents: pa.RecordBatch, decisions: pa.RecordBatch) -> pa.RecordBatch:
        """Return the documents with their decisions applied; row *i* of both is one document.

        The columns that the stage adds are taken from the decisions; where a decision gives a
        reason the document is marked for removal.
        """
        for field in self.adds:
            documents = column(documents, field.name, decisions.column(field.name), field.type)
        said = decisions.column("reason")
        for reason in sorted(pc.unique(said.drop_null()).to_pylist()):
            documents = remove(
                documents,
                pc.equal(said, reason),
                because=reason,
                evidence=decisions.column("evidence"),
                score=decisions.column("score"),
            )
        return documents
