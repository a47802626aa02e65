"""The laws every stage keeps, checked for every stage a config may name.

A stage is tested here from the moment it joins `STAGES`, as it is by default and as the example
that opens its module sets it.

The laws themselves are tested as well: each catches a stage that breaks it.
"""

from __future__ import annotations

import itertools
import pickle
import random
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
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
from corpus.stages import STAGES, CorpusStage, DocumentStage, Stage, make_stage
from tests.conftest import make_documents

MARKS = (REASON, EVIDENCE, SCORE)
Law = Callable[[Stage, pa.RecordBatch], None]


def example_of(cls: type[Stage]) -> list[Stage]:
    """Return the stages that the example at the top of a stage's module sets."""
    opening = sys.modules[cls.__module__].__doc__ or ""
    found = re.search(r"^ *stages:\n(?: +\S.*\n)+", opening, re.MULTILINE)
    assert found, f"{cls.__module__} does not open with the YAML that uses it"
    node, mistakes = read(textwrap.dedent(found.group()), cls.__module__)
    assert mistakes == []
    return [make_stage(said, Path()) for said in node.plain()["stages"]]


def every() -> list[Stage]:
    """Return each stage as it is by default, and as its example sets it."""
    found = [stage for cls in STAGES.values() for stage in (cls(), *example_of(cls))]
    return [stage for i, stage in enumerate(found) if stage not in found[:i]]


every_stage = pytest.mark.parametrize(
    "stage", every(), ids=lambda stage: f"{stage.stage}-{stage.model_dump_json()[:40]}"
)


# --- corpora: texts that repeat and nearly repeat, in several scripts, and none at all

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
    """Return a corpus as documents."""
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


# --- running a stage, whatever its kind


def run(stage: Stage, parts: Sequence[pa.RecordBatch], dead: Sequence[str] = ()) -> pa.Table:
    """Return what a stage makes of a corpus that lies in these parts."""
    if isinstance(stage, DocumentStage):
        return joined([stage.apply(part) for part in parts])
    assert isinstance(stage, CorpusStage)
    seen = CorpusView(
        [compute_observations(part, stage.observes()) for part in parts],
        Fetch(parts),
        alive(parts, dead),
    )
    decisions = stage.decide(seen)
    assert decisions.num_rows == len(seen.alive)
    starts = seen.starts
    return joined(
        [
            stage.apply(part, decisions.slice(int(starts[i]), part.num_rows))
            for i, part in enumerate(parts)
        ]
    )


def joined(parts: Sequence[pa.RecordBatch]) -> pa.Table:
    """Return the parts as one table; only those where something is removed have the marks."""
    return pa.concat_tables(
        [
            pa.Table.from_batches([remove(part, [False] * part.num_rows, because="")])
            for part in parts
        ]
    )


def alive(parts: Sequence[pa.RecordBatch], dead: Sequence[str]) -> np.ndarray:
    """Return which documents earlier stages left."""
    ids = [id for part in parts for id in part.column(ID).to_pylist()]
    return np.array([id not in dead for id in ids], np.bool_)


class Fetch:
    """Gives the documents of parts that lie in memory."""

    def __init__(self, parts: Sequence[pa.RecordBatch]) -> None:
        self.parts = parts

    def __call__(self, part: int, rows: Any, columns: Sequence[str]) -> pa.RecordBatch:
        """Return these columns of these rows of a part."""
        return self.parts[part].select(list(columns)).take(pa.array(rows))


def outcome(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows in the order of their ids."""
    return sorted(table.to_pylist(), key=lambda row: str(row[ID]))


# --- the laws


def no_document_is_lost(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that rows, their order, what they are known by, and the input are as before."""
    before = documents.to_pylist()
    after = run(stage, [documents])

    assert after.num_rows == documents.num_rows
    for name in (ID, *(name for name in ORIGIN.names if name != CONTENT)):
        assert after.column(name).to_pylist() == documents.column(name).to_pylist()
    assert documents.to_pylist() == before


def the_cut_does_not_matter(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each document fares the same however the corpus is cut into parts."""
    whole = run(stage, [documents])
    third = documents.num_rows // 3
    for cuts in ([third], [third, third], [0, 2 * third]):
        edges = [0, *np.cumsum(cuts).tolist(), documents.num_rows]
        parts = [documents.slice(a, b - a) for a, b in itertools.pairwise(edges)]
        assert run(stage, parts).to_pylist() == whole.to_pylist()


def the_order_does_not_matter(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each document fares the same in whatever order the corpus is read."""
    order = list(range(documents.num_rows))
    random.Random(3).shuffle(order)
    turned = documents.take(pa.array(order, pa.int64()))

    assert outcome(run(stage, [turned])) == outcome(run(stage, [documents]))


def it_does_the_same_again(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that the same documents give the same result."""
    assert run(stage, [documents]).to_pylist() == run(stage, [documents]).to_pylist()


def it_does_what_it_declares(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that it adds and changes the columns it says, and removes for reasons it names."""
    after = run(stage, [documents])
    declared = {field.name: field.type for field in stage.adds}

    added = set(after.schema.names) - set(documents.schema.names) - set(MARKS)
    assert added <= declared.keys()
    for name, type in declared.items():
        assert after.schema.field(name).type == type
    free = {*declared, *MARKS, CONTENT, *({TEXT} if stage.changes_text else ())}
    for name in set(documents.schema.names) - free:
        assert after.schema.field(name).type == documents.schema.field(name).type
        for old, new in zip(
            documents.column(name).to_pylist(), after.column(name).to_pylist(), strict=True
        ):
            # a page may tell its title where the source did not; nothing that is known is changed
            assert new == old or (old is None and name in DOCUMENT.names)
    said = set(after.column(REASON).to_pylist())
    assert said - {None} <= stage.reasons.keys()


def the_dead_count_for_nothing(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that what earlier stages removed has no say in what becomes of the others."""
    if isinstance(stage, DocumentStage):
        return
    ids = documents.column(ID).to_pylist()
    dead = ids[2::3]
    stays = pa.array([id not in dead for id in ids], pa.bool_())

    among = [row for row in outcome(run(stage, [documents], dead)) if row[ID] not in dead]
    assert among == outcome(run(stage, [documents.filter(stays)]))


def it_travels(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that pickled, or written as JSON, it is the same stage when it is read again."""
    assert pickle.loads(pickle.dumps(stage)) == stage
    assert type(stage).model_validate_json(stage.model_dump_json(), strict=True) == stage


def it_is_frozen(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that nobody changes its settings while it runs, and that it holds nothing else."""
    with pytest.raises(ValidationError, match="frozen"):
        stage.stage = "other"
    assert not stage.model_extra
    assert vars(stage).keys() == type(stage).model_fields.keys()


def every_setting_is_described(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that each setting says what it does, for the schema and the documentation."""
    silent = [
        f"{model.__name__}.{name}"
        for model in models(type(stage))
        for name, field in model.model_fields.items()
        if name != "stage" and not field.description
    ]
    assert silent == []


def reasons_are_explained(stage: Stage, documents: pa.RecordBatch) -> None:
    """Check that a reason is a word for the ledger, and explained for people."""
    for reason, meaning in stage.reasons.items():
        assert re.fullmatch(r"[a-z][a-z_]*", reason)
        assert len(meaning.split()) >= 3


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """Return a model and all that its settings hold."""
    found = [model]
    pending = [field.annotation for field in model.model_fields.values()]
    while pending:
        kind = pending.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in found:
            found += models(kind)
        pending += get_args(kind)
    return found


ON_DOCUMENTS: tuple[Law, ...] = (
    no_document_is_lost,
    the_cut_does_not_matter,
    the_order_does_not_matter,
    it_does_the_same_again,
    it_does_what_it_declares,
    the_dead_count_for_nothing,
)
ON_SETTINGS: tuple[Law, ...] = (
    it_travels,
    it_is_frozen,
    every_setting_is_described,
    reasons_are_explained,
)


@every_stage
@given(corpus=corpora)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_laws_hold_on_any_documents(stage, corpus):
    """Whatever the documents are, null texts and none at all among them, every law holds."""
    for law in ON_DOCUMENTS:
        law(stage, batch(corpus))


@every_stage
@pytest.mark.parametrize("law", [*ON_DOCUMENTS, *ON_SETTINGS], ids=lambda law: law.__name__)
def test_law_holds(stage, law):
    """Each law holds on a corpus with duplicates, near duplicates, scripts and nulls."""
    law(stage, FIXED)


@every_stage
def test_kernels_can_be_made_ready(stage):
    """What a worker loads before its first document can be loaded, more than once."""
    assert stage.kernels() is None
    assert stage.kernels() is None


# --- the laws catch those who break them


class Good(DocumentStage):
    """Keeps every law."""

    stage: Literal["good"] = "good"
    adds: ClassVar[pa.Schema] = pa.schema([("size", pa.int64())])
    reasons: ClassVar[dict[str, str]] = {"long": "it is too long"}

    most: int = 1000
    """The longest text to keep."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Tag the size; mark what is too long."""
        size = pc.fill_null(pc.utf8_length(documents.column(TEXT)), 0)
        documents = column(documents, "size", size, pa.int64())
        return remove(documents, pc.greater(size, self.most), because="long")


class LosesNulls(Good):
    """Drops rows."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return super().apply(documents.filter(pc.is_valid(documents.column(TEXT))))


class TurnsRound(Good):
    """Reorders rows."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        order = pa.array(range(documents.num_rows - 1, -1, -1), pa.int64())
        return super().apply(documents).take(order)


class NamesAnew(Good):
    """Changes ids."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        ids = [f"x{i}" for i in range(documents.num_rows)]
        return super().apply(column(documents, ID, ids, pa.string()))


class CountsRows(Good):
    """Lets the batch decide."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        sizes = [documents.num_rows] * documents.num_rows
        return column(documents, "size", sizes, pa.int64())


class NumbersRows(Good):
    """Lets the position decide."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return column(documents, "size", list(range(documents.num_rows)), pa.int64())


class Dices(Good):
    """Lets chance decide."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        sizes = [random.getrandbits(60) for _ in range(documents.num_rows)]
        return column(documents, "size", sizes, pa.int64())


class Hides(Good):
    """Adds what it does not declare."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return super().apply(column(documents, "more", documents.column(ID), pa.string()))


class Retypes(Good):
    """Adds another type than it declares."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return column(documents, "size", [0] * documents.num_rows, pa.int32())


class Meddles(Good):
    """Changes a column that is not its own."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        sources = ["x"] * documents.num_rows
        return super().apply(column(documents, "source", sources, pa.string()))


class Mumbles(Good):
    """Removes for a reason it does not name."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        return remove(super().apply(documents), [True] * documents.num_rows, because="so")


class Trips(Good):
    """Cannot take a null text."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        sizes = [len(text) for text in documents.column(TEXT).to_pylist()]
        return column(documents, "size", sizes, pa.int64())


class Scribbles(Good):
    """Writes into what it was given."""

    def apply(self, documents: pa.RecordBatch) -> pa.RecordBatch:
        """Do it."""
        held = documents.column(KEY).buffers()[1]
        bytes_ = np.frombuffer(held, np.uint8).view()
        address = bytes_.__array_interface__["data"][0]
        import ctypes

        ctypes.memset(address, 7, min(16, len(bytes_)))
        return super().apply(documents)


class Keeps(Good):
    """Keeps what it saw."""

    model_config: ClassVar[dict[str, Any]] = {"frozen": False}

    seen: int = 0
    """How many documents it saw."""


class Silent(Good):
    """Does not say what its setting does."""

    least: int = 0


class Brief(Good):
    """Does not say what its reason means."""

    reasons: ClassVar[dict[str, str]] = {"long": "long"}


class Clings(Good):
    """Holds what cannot travel."""

    by: Any = len
    """A function."""

    def __reduce__(self) -> Any:
        """Refuse."""
        raise AssertionError("it does not travel")


class Length(Observation):
    """The length of a text."""

    def columns(self, documents: pa.RecordBatch) -> dict[str, pa.Array]:
        """Measure it."""
        return {"length": pc.fill_null(pc.utf8_length(documents.column(TEXT)), 0)}


class Fair(CorpusStage):
    """Keeps every law: removes what is shorter than half of the longest."""

    stage: Literal["fair"] = "fair"
    reasons: ClassVar[dict[str, str]] = {"short": "it is too short"}

    def observes(self) -> tuple[Observation, ...]:
        """Return the length."""
        return (Length(),)

    def longest(self, corpus: CorpusView) -> int:
        """Return the length of the longest."""
        lengths = corpus.column("length").filter(pa.array(corpus.alive))
        return pc.max(lengths).as_py() or 0

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Compare each with the longest."""
        lengths = pc.multiply(corpus.column("length").combine_chunks(), 2)
        short = pc.less(lengths, self.longest(corpus))
        return decisions(short, pc.if_else(short, "short", None))


def decisions(short: pa.Array, said: pa.Array) -> pa.RecordBatch:
    """Return decisions for these reasons."""
    n = len(short)
    return pa.record_batch(
        {
            "reason": said.cast(pa.string()),
            "evidence": pa.nulls(n, pa.string()),
            "score": pa.nulls(n, pa.float64()),
        }
    )


class FirstComes(Fair):
    """Lets the row's number decide: the first stays."""

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Do it."""
        short = pa.array(np.arange(len(corpus.alive)) > 0)
        return decisions(short, pc.if_else(short, "short", None))


class PartByPart(Fair):
    """Lets the cut decide: the first part is the measure."""

    def longest(self, corpus: CorpusView) -> int:
        """Do it."""
        return pc.max(corpus.parts[0].column("length")).as_py() or 0


class Haunted(Fair):
    """Lets the dead have a say."""

    def longest(self, corpus: CorpusView) -> int:
        """Do it."""
        return pc.max(corpus.column("length")).as_py() or 0


class Gaps(Fair):
    """Decides on fewer documents than there are."""

    def decide(self, corpus: CorpusView) -> pa.RecordBatch:
        """Do it."""
        return super().decide(corpus).slice(1)


@pytest.mark.parametrize("law", [*ON_DOCUMENTS, *ON_SETTINGS], ids=lambda law: law.__name__)
@pytest.mark.parametrize("stage", [Good(), Fair()], ids=["Good", "Fair"])
def test_a_good_stage_passes(stage, law):
    """The laws can be kept."""
    law(stage, FIXED)


@pytest.mark.parametrize(
    ("stage", "law"),
    [
        (LosesNulls(), no_document_is_lost),
        (TurnsRound(), no_document_is_lost),
        (NamesAnew(), no_document_is_lost),
        (Scribbles(), no_document_is_lost),
        (Trips(), no_document_is_lost),
        (Gaps(), no_document_is_lost),
        (CountsRows(), the_cut_does_not_matter),
        (PartByPart(), the_cut_does_not_matter),
        (NumbersRows(), the_order_does_not_matter),
        (FirstComes(), the_order_does_not_matter),
        (Dices(), it_does_the_same_again),
        (Hides(), it_does_what_it_declares),
        (Retypes(), it_does_what_it_declares),
        (Meddles(), it_does_what_it_declares),
        (Mumbles(), it_does_what_it_declares),
        (Haunted(), the_dead_count_for_nothing),
        (Clings(), it_travels),
        (Keeps(), it_is_frozen),
        (Silent(), every_setting_is_described),
        (Brief(), reasons_are_explained),
    ],
    ids=lambda case: case.__name__ if callable(case) else type(case).__name__,
)
def test_a_broken_stage_is_caught(stage, law):
    """Each law catches the stage that breaks it."""
    documents = pickle.loads(pickle.dumps(FIXED))  # one of them writes into it
    with pytest.raises((AssertionError, TypeError, pytest.fail.Exception), match=r"."):
        law(stage, documents)
