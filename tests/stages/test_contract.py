"""The contract that every stage keeps: laws, checked for every stage that a config can name.

A stage is tested as soon as it is in `STAGES`, with its default settings and with those of the
example in its module docstring.

The laws themselves are tested, too: each catches a stage that breaks it.
"""

from __future__ import annotations

import contextlib
import itertools
import pickle
import random
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from corpus.config.yaml_positions import read
from corpus.documents import (
    CONTENT,
    DOCUMENT,
    EVIDENCE,
    ID,
    KEY,
    ORIGIN,
    REASON,
    SCORE,
    TEXT,
    column,
    remove,
)
from corpus.observations import CorpusView, Observation, compute_observations
from corpus.settings import field_descriptions
from corpus.stages import STAGES, CorpusStage, DocumentStage, Stage, make_stage
from tests.conftest import make_documents

MARKS = (REASON, EVIDENCE, SCORE)
Law = Callable[[Stage, pa.RecordBatch], None]


def example_of(cls: type[Stage]) -> list[Stage]:
    """Return the stages in the YAML example of a stage's module docstring."""
    docstring = sys.modules[cls.__module__].__doc__ or ""
    example = re.search(r"^ *stages:\n(?: +\S.*\n)+", docstring, re.MULTILINE)
    assert example, f"{cls.__module__} does not open with the YAML that uses it"
    node, mistakes = read(textwrap.dedent(example.group()), cls.__module__)
    assert mistakes == []
    return [make_stage(settings_of, Path()) for settings_of in node.plain()["stages"]]


def defaults_of(cls: type[Stage]) -> list[Stage]:
    """Return a stage with its default settings; none if a setting has no default."""
    required = any(field.is_required() for field in cls.model_fields.values())
    return [] if required else [cls()]


def stages_to_test() -> list[Stage]:
    """Return each stage with its default settings, if it has any, and with those of its example."""
    stages = [stage for cls in STAGES.values() for stage in (*defaults_of(cls), *example_of(cls))]
    return [stage for i, stage in enumerate(stages) if stage not in stages[:i]]


every_stage = pytest.mark.parametrize(
    "stage", stages_to_test(), ids=lambda stage: f"{stage.stage}-{stage.model_dump_json()[:40]}"
)


@pytest.fixture(autouse=True, scope="module")
def _in_folder_of_examples() -> Iterator[None]:
    """Run in the folder with the files that the examples name."""
    with contextlib.chdir(Path(__file__).with_name("example_files")):
        yield


# --- corpora: duplicates, near duplicates, several scripts, empty and null texts

LINES = [
    "The committee will meet again on Thursday to discuss the budget for next year.",
    "The committee will meet again on Friday to discuss the budget for next year.",
    "Der Ausschuss tritt am Donnerstag wieder zusammen, um über den Haushalt zu beraten.",
    "Комитет снова соберётся в четверг, чтобы обсудить бюджет на следующий год.",
    "委员会将于星期四再次开会，讨论明年的预算。",
    "Home", "Most read", "By Ada Lindqvist", "2024-03-11", "1,234.56", "!!!", "",
    "a" * 60, "\u200b", "\x00", "cafe\u0301", "<p>A paragraph &amp; more of it.</p>", "👩‍👩‍👧",
]  # fmt: skip

texts = st.none() | st.lists(st.sampled_from(LINES), max_size=8).map("\n".join)
contents = st.sampled_from(["text", "text", "page", "html"])
corpora = st.lists(st.tuples(texts, contents), max_size=9)


def batch(corpus: Sequence[tuple[str | None, str]]) -> pa.RecordBatch:
    """Return a corpus as a batch of documents."""
    return make_documents(
        *(text for text, _ in corpus), **{CONTENT: [content for _, content in corpus]}
    )


FIXED = batch(
    [
        ("\n".join(LINES[a : a + 4]), content)
        for a, content in zip((0, 0, 1, 2, 0, 5), itertools.cycle(["text", "page"]), strict=False)
    ]
    + [(None, "text"), ("", "page"), ("\n".join([LINES[0]] * 9), "text")]
)


# --- run a stage of either kind


def run(stage: Stage, parts: Sequence[pa.RecordBatch], removed_ids: Sequence[str] = ()) -> pa.Table:
    """Return the result of a stage on a corpus in these parts."""
    if isinstance(stage, DocumentStage):
        return joined([stage.apply(part) for part in parts])
    assert isinstance(stage, CorpusStage)
    view = CorpusView(
        [compute_observations(part, stage.observes()) for part in parts],
        Fetch(parts),
        alive(parts, removed_ids),
    )
    decisions = stage.decide(view)
    assert decisions.num_rows == len(view.alive)
    starts = view.starts
    return joined(
        [
            stage.apply(part, decisions.slice(int(starts[i]), part.num_rows))
            for i, part in enumerate(parts)
        ]
    )


def joined(parts: Sequence[pa.RecordBatch]) -> pa.Table:
    """Return the parts as one table, all with the columns that mark removals."""
    return pa.concat_tables(
        [
            pa.Table.from_batches([remove(part, [False] * part.num_rows, because="")])
            for part in parts
        ]
    )


def alive(parts: Sequence[pa.RecordBatch], removed_ids: Sequence[str]) -> np.ndarray:
    """Return which documents were not removed by earlier stages."""
    ids = [id for part in parts for id in part.column(ID).to_pylist()]
    return np.array([id not in removed_ids for id in ids], np.bool_)


class Fetch:
    """Returns documents of parts in memory."""

    def __init__(self, parts: Sequence[pa.RecordBatch]) -> None:
        self.parts = parts

    def __call__(self, part: int, rows: Any, columns: Sequence[str]) -> pa.RecordBatch:
        """Return these columns of these rows of a part."""
        return self.parts[part].select(list(columns)).take(pa.array(rows))


def sorted_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows, sorted by id."""
    return sorted(table.to_pylist(), key=lambda row: str(row[ID]))


# --- the laws


def no_document_is_lost(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that rows, their order and identity, and the input batch are unchanged."""
    before = documents.to_pylist()
    after = run(stage, [documents])

    assert after.num_rows == documents.num_rows
    for name in (ID, *(name for name in ORIGIN.names if name != CONTENT)):
        assert after.column(name).to_pylist() == documents.column(name).to_pylist()
    assert documents.to_pylist() == before


def parts_do_not_matter(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that the result is the same however the corpus is divided into parts."""
    whole = run(stage, [documents])
    third = documents.num_rows // 3
    for sizes in ([third], [third, third], [0, 2 * third]):
        edges = [0, *np.cumsum(sizes).tolist(), documents.num_rows]
        parts = [documents.slice(a, b - a) for a, b in itertools.pairwise(edges)]
        assert run(stage, parts).to_pylist() == whole.to_pylist()


def order_does_not_matter(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each document has the same result in any order of the documents."""
    order = list(range(documents.num_rows))
    random.Random(3).shuffle(order)
    shuffled = documents.take(pa.array(order, pa.int64()))

    assert sorted_rows(run(stage, [shuffled])) == sorted_rows(run(stage, [documents]))


def result_is_reproducible(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that the same documents give the same result twice."""
    assert run(stage, [documents]).to_pylist() == run(stage, [documents]).to_pylist()


def only_declared_columns_and_reasons_occur(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that the stage changes only declared columns, and removes only for declared reasons."""
    after = run(stage, [documents])
    declared = {field.name: field.type for field in stage.adds}

    added = set(after.schema.names) - set(documents.schema.names) - set(MARKS)
    assert added <= declared.keys()
    for name, type in declared.items():
        assert after.schema.field(name).type == type
    may_change = {*declared, *MARKS, CONTENT, *({TEXT} if stage.changes_text else ())}
    for name in set(documents.schema.names) - may_change:
        assert after.schema.field(name).type == documents.schema.field(name).type
        for old, new in zip(
            documents.column(name).to_pylist(), after.column(name).to_pylist(), strict=True
        ):
            # metadata of a page may fill a null; other values never change
            assert new == old or (old is None and name in DOCUMENT.names)
    used_reasons = set(after.column(REASON).to_pylist())
    assert used_reasons - {None} <= stage.reasons.keys()


def removed_documents_do_not_matter(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that documents removed by earlier stages do not influence the others."""
    if isinstance(stage, DocumentStage):
        return
    ids = documents.column(ID).to_pylist()
    removed_ids = ids[2::3]
    remaining = pa.array([id not in removed_ids for id in ids], pa.bool_())

    result = [
        row
        for row in sorted_rows(run(stage, [documents], removed_ids))
        if row[ID] not in removed_ids
    ]
    assert result == sorted_rows(run(stage, [documents.filter(remaining)]))


def stage_can_be_pickled_and_dumped(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that a stage is unchanged by pickling and by a dump to JSON."""
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert type(stage).model_validate_json(stage.model_dump_json(), strict=True) == stage


def stage_is_frozen(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that a stage is immutable and has no state besides its settings."""
    with pytest.raises(ValidationError, match="frozen"):
        stage.stage = "other"
    assert not stage.model_extra
    assert vars(stage).keys() == type(stage).model_fields.keys()


def settings_have_descriptions(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each setting has a description for the schema and the documentation."""
    undescribed = [
        f"{model.__name__}.{name}"
        for model in models(type(stage))
        for name, field in model.model_fields.items()
        if name != "stage" and not field_descriptions(model).get(field.alias or name)
    ]
    assert undescribed == []


def reasons_are_explained(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each reason is an identifier with a description."""
    for reason, meaning in stage.reasons.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", reason)
        assert len(meaning.split()) >= 3


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model and all models nested in its settings."""
    result = [model]
    pending = [field.annotation for field in model.model_fields.values()]
    while pending:
        annotation = pending.pop()
        if (
            isinstance(annotation, type)
            and issubclass(annotation, BaseModel)
            and annotation not in result
        ):
            result += models(annotation)
        pending += get_args(annotation)
    return result


ON_DOCUMENTS: tuple[Law, ...] = (
    no_document_is_lost,
    parts_do_not_matter,
    order_does_not_matter,
    result_is_reproducible,
    only_declared_columns_and_reasons_occur,
    removed_documents_do_not_matter,
)
ON_SETTINGS: tuple[Law, ...] = (
    stage_can_be_pickled_and_dumped,
    stage_is_frozen,
    settings_have_descriptions,
    reasons_are_explained,
)


@every_stage
@given(corpus=corpora)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_laws_hold_on_any_documents(stage, corpus):
    """Every law holds on any corpus, including null texts and an empty corpus."""
    for law in ON_DOCUMENTS:
        law(stage, batch(corpus))


@every_stage
@pytest.mark.parametrize("law", [*ON_DOCUMENTS, *ON_SETTINGS], ids=lambda law: law.__name__)
def test_law_holds(stage, law):
    """Each law holds on a corpus with duplicates, near duplicates, several scripts and nulls."""
    law(stage, FIXED)


@every_stage
def test_kernels_can_be_loaded_twice(stage):
    """`kernels` can be called more than once, for all documents or for some."""
    assert stage.kernels() is None
    assert stage.kernels() is None
    assert stage.kernels_for({"text"}) is None


# --- each law catches a stage that breaks it


class Good(DocumentStage):
    """A document stage that keeps every law."""

    stage: Literal["good"] = "good"
    adds: ClassVar[pa.Schema] = pa.schema([("size", pa.int64())])
    reasons: ClassVar[dict[str, str]] = {"long": "it is too long"}

    maximum: int = 1000
    """Maximum number of characters."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add the size, and mark long texts."""
        size = pc.fill_null(pc.utf8_length(documents.column(TEXT)), 0)
        documents = column(documents, "size", size, pa.int64())
        return remove(documents, pc.greater(size, self.maximum), because="long")


class LosesNulls(Good):
    """Drops rows with null texts."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return fewer rows."""
        return super().apply(documents.filter(pc.is_valid(documents.column(TEXT))))


class ReordersRows(Good):
    """Reverses the order of rows."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows in reverse order."""
        order = pa.array(range(documents.num_rows - 1, -1, -1), pa.int64())
        return super().apply(documents).take(order)


class ChangesIds(Good):
    """Changes the ids."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Return the rows with other ids."""
        ids = [f"x{i}" for i in range(documents.num_rows)]
        return super().apply(column(documents, ID, ids, pa.string()))


class DependsOnBatchSize(Good):
    """Depends on the size of the batch."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add the number of rows as the size."""
        sizes = [documents.num_rows] * documents.num_rows
        return column(documents, "size", sizes, pa.int64())


class DependsOnPosition(Good):
    """Depends on the position in the batch."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add the row number as the size."""
        return column(documents, "size", list(range(documents.num_rows)), pa.int64())


class IsRandom(Good):
    """Depends on chance."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add random sizes."""
        sizes = [random.getrandbits(60) for _ in range(documents.num_rows)]
        return column(documents, "size", sizes, pa.int64())


class AddsUndeclaredColumn(Good):
    """Adds a column that it does not declare."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add an undeclared column."""
        return super().apply(column(documents, "more", documents.column(ID), pa.string()))


class AddsOtherType(Good):
    """Adds a column of another type than it declares."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Add the size as int32."""
        return column(documents, "size", [0] * documents.num_rows, pa.int32())


class ChangesOtherColumn(Good):
    """Changes a column that it does not declare."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Replace the sources."""
        sources = ["x"] * documents.num_rows
        return super().apply(column(documents, "source", sources, pa.string()))


class UsesUndeclaredReason(Good):
    """Removes documents for a reason that it does not declare."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Remove all documents for an undeclared reason."""
        return remove(super().apply(documents), [True] * documents.num_rows, because="so")


class FailsOnNull(Good):
    """Fails on a null text."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Call `len` on each text."""
        sizes = [len(text) for text in documents.column(TEXT).to_pylist()]
        return column(documents, "size", sizes, pa.int64())


class ChangesInput(Good):
    """Writes into its input."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Overwrite the first key."""
        buffer = documents.column(KEY).buffers()[1]
        bytes_ = np.frombuffer(buffer, np.uint8).view()
        address = bytes_.__array_interface__["data"][0]
        import ctypes

        ctypes.memset(address, 7, min(16, len(bytes_)))
        return super().apply(documents)


class HasState(Good):
    """Is mutable."""

    model_config: ClassVar[dict[str, Any]] = {"frozen": False}

    seen: int = 0
    """Number of documents so far."""


class UndescribedSetting(Good):
    """Has a setting without a description."""

    minimum: int = 0


class UndescribedReason(Good):
    """Has a reason without a proper description."""

    reasons: ClassVar[dict[str, str]] = {"long": "long"}


class CannotBePickled(Good):
    """Has a setting that cannot be pickled."""

    by: Any = len
    """A function."""

    def __reduce__(self) -> Any:
        """Refuse to be pickled."""
        raise AssertionError("cannot be pickled")


class Length(Observation):
    """The length of a text."""

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Return the length of each text."""
        return {"length": pc.fill_null(pc.utf8_length(documents.column(TEXT)), 0)}


class Fair(CorpusStage):
    """A corpus stage that keeps every law: removes texts shorter than half of the longest."""

    stage: Literal["fair"] = "fair"
    reasons: ClassVar[dict[str, str]] = {"short": "it is too short"}

    def observes(self) -> tuple[Observation, ...]:
        """Return the length."""
        return (Length(),)

    def longest(self, corpus: CorpusView) -> int:
        """Return the length of the longest remaining text."""
        lengths = corpus.column("length").filter(pa.array(corpus.alive))
        return pc.max(lengths).as_py() or 0

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Compare each text with the longest."""
        lengths = pc.multiply(corpus.column("length").combine_chunks(), 2)
        short = pc.less(lengths, self.longest(corpus))
        return decisions(short, pc.if_else(short, "short", None))


def decisions(short: pa.Array, reason: pa.Array) -> pa.RecordBatch:
    """Return decisions with these reasons."""
    n = len(short)
    return pa.record_batch(
        {
            "reason": reason.cast(pa.string()),
            "evidence": pa.nulls(n, pa.string()),
            "score": pa.nulls(n, pa.float64()),
        }
    )


class KeepsFirstRow(Fair):
    """Keeps only the first row."""

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Remove every row but the first."""
        short = pa.array(np.arange(len(corpus.alive)) > 0)
        return decisions(short, pc.if_else(short, "short", None))


class UsesFirstPart(Fair):
    """Considers only the first part of the corpus."""

    def longest(self, corpus: CorpusView) -> int:
        """Return the length of the longest text of the first part."""
        return pc.max(corpus.parts[0].column("length")).as_py() or 0


class CountsRemovedDocuments(Fair):
    """Considers documents that earlier stages removed."""

    def longest(self, corpus: CorpusView) -> int:
        """Return the length of the longest text, removed or not."""
        return pc.max(corpus.column("length")).as_py() or 0


class OmitsDecision(Fair):
    """Omits the decision on the first document."""

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Return one decision too few."""
        return super().decide(corpus).slice(1)


@pytest.mark.parametrize("law", [*ON_DOCUMENTS, *ON_SETTINGS], ids=lambda law: law.__name__)
@pytest.mark.parametrize("stage", [Good(), Fair()], ids=["Good", "Fair"])
def test_a_correct_stage_passes(stage, law):
    """Every law can be kept."""
    law(stage, FIXED)


@pytest.mark.parametrize(
    ("stage", "law"),
    [
        (LosesNulls(), no_document_is_lost),
        (ReordersRows(), no_document_is_lost),
        (ChangesIds(), no_document_is_lost),
        (ChangesInput(), no_document_is_lost),
        (FailsOnNull(), no_document_is_lost),
        (OmitsDecision(), no_document_is_lost),
        (DependsOnBatchSize(), parts_do_not_matter),
        (UsesFirstPart(), parts_do_not_matter),
        (DependsOnPosition(), order_does_not_matter),
        (KeepsFirstRow(), order_does_not_matter),
        (IsRandom(), result_is_reproducible),
        (AddsUndeclaredColumn(), only_declared_columns_and_reasons_occur),
        (AddsOtherType(), only_declared_columns_and_reasons_occur),
        (ChangesOtherColumn(), only_declared_columns_and_reasons_occur),
        (UsesUndeclaredReason(), only_declared_columns_and_reasons_occur),
        (CountsRemovedDocuments(), removed_documents_do_not_matter),
        (CannotBePickled(), stage_can_be_pickled_and_dumped),
        (HasState(), stage_is_frozen),
        (UndescribedSetting(), settings_have_descriptions),
        (UndescribedReason(), reasons_are_explained),
    ],
    ids=lambda case: case.__name__ if callable(case) else type(case).__name__,
)
def test_a_broken_stage_is_caught(stage, law):
    """Each law catches a stage that breaks it."""
    documents = pickle.loads(pickle.dumps(FIXED))  # ChangesInput writes into it
    with pytest.raises((AssertionError, TypeError, pytest.fail.Exception), match=r"."):
        law(stage, documents)
