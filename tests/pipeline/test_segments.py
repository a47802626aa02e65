"""Segments: which stages share a pass over the documents."""

from __future__ import annotations

import json
from typing import ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.observations import Observation
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.segments import segments
from corpus.sources.columns.observation import Column
from corpus.stages.base import CorpusStage, DocumentStage, ThresholdStage


class Tag(DocumentStage):
    """A document stage."""

    stage: Literal["tag"] = "tag"

    def apply(self, documents):
        """Return the documents."""
        return documents


class Decide(CorpusStage):
    """A corpus stage that does not change texts."""

    stage: Literal["decide"] = "decide"
    column: str = "title"

    def observes(self):
        """Observe one column."""
        return (Column(name=self.column, kind="text"),)

    def decide(self, corpus):
        """Decide nothing."""
        raise NotImplementedError


class Cut(Decide):
    """A corpus stage that changes texts."""

    changes_text: ClassVar[bool] = True


class Judge(ThresholdStage):
    """A threshold stage that adds a column and keeps everything."""

    adds: ClassVar[pa.Schema] = pa.schema([("language", pa.string())])

    stage: Literal["judge"] = "judge"

    def observes(self):
        """Observe one column."""
        return (Column(name="title", kind="text"),)

    def judge(self, measured):
        """Judge nothing."""
        raise NotImplementedError


class AnyColumn(Observation):
    """An observation that may read any column."""

    def columns(self, documents):
        """Observe nothing."""
        raise NotImplementedError


class Both(Observation):
    """An observation of the text together with the language."""

    def reads(self):
        """Return both columns."""
        return ("text", "language")

    def columns(self, documents):
        """Observe nothing."""
        raise NotImplementedError


class ReadsAny(Decide):
    """A corpus stage with an observation that may read any column."""

    def observes(self):
        """Observe something."""
        return (AnyColumn(),)


class ReadsBoth(Decide):
    """A corpus stage with an observation that reads a text and its language."""

    def observes(self):
        """Observe something."""
        return (Both(),)


TAG, DECIDE, CUT, JUDGE = Tag(), Decide(), Cut(), Judge()
BY_LANGUAGE = Decide(column="language")


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([], [((), ())]),
        ([TAG, TAG], [((TAG, TAG), ())]),
        ([TAG, DECIDE, DECIDE], [((TAG,), (DECIDE, DECIDE))]),
        ([DECIDE, TAG], [((), (DECIDE,)), ((TAG,), ())]),
        ([CUT], [((), (CUT,))]),
        ([CUT, DECIDE], [((), (CUT,)), ((), (DECIDE,))]),
        ([DECIDE, CUT, DECIDE], [((), (DECIDE, CUT)), ((), (DECIDE,))]),
        ([TAG, JUDGE], [((TAG,), (JUDGE,))]),
        ([JUDGE, DECIDE, JUDGE], [((), (JUDGE, DECIDE, JUDGE))]),
        ([JUDGE, TAG, JUDGE], [((), (JUDGE,)), ((TAG,), (JUDGE,))]),
        ([DECIDE, JUDGE, TAG], [((), (DECIDE, JUDGE)), ((TAG,), ())]),
        ([CUT, JUDGE], [((), (CUT,)), ((), (JUDGE,))]),
        ([JUDGE, BY_LANGUAGE], [((), (JUDGE, BY_LANGUAGE))]),
        ([JUDGE, ReadsAny()], [((), (JUDGE,)), ((), (ReadsAny(),))]),
        ([JUDGE, ReadsBoth()], [((), (JUDGE,)), ((), (ReadsBoth(),))]),
        ([DECIDE, JUDGE, ReadsAny()], [((), (DECIDE, JUDGE)), ((), (ReadsAny(),))]),
        ([DECIDE, ReadsAny()], [((), (DECIDE, ReadsAny()))]),
    ],
)
def test_a_segment_ends_before_a_document_stage_and_after_a_change_of_texts(stages, expected):
    """A stage never shares the observations that were made before a text was changed."""
    result = segments(stages)
    assert [(each.document_stages, each.deciding_stages) for each in result] == expected


def test_a_decided_column_is_observed_after_its_decision():
    """What a stage observes of a column that an earlier one decides is no part of the pass."""
    (segment,) = segments([BY_LANGUAGE, JUDGE, BY_LANGUAGE])
    language, title = Column(name="language", kind="text"), Column(name="title", kind="text")
    assert segment.observations == (language, title)
    assert segment.decided_observations(0) == segment.decided_observations(1) == ()
    assert segment.decided_observations(2) == (language,)


def test_equal_observations_are_made_once():
    """Two stages that observe the same column share it; a third observes its own."""
    (segment,) = segments([DECIDE, Decide(), Decide(column="url")])
    assert segment.observations == (
        Column(name="title", kind="text"),
        Column(name="url", kind="text"),
    )


def test_deduplicate_compares_the_texts_that_deduplicate_lines_left(tmp_path):
    """Near duplicates that differ only in a repeated notice are found after it has been cut."""
    notice = " ".join(f"notice{i}" for i in range(60))
    body = " ".join(f"word{i}" for i in range(60))
    other = " ".join(f"other{i}" for i in range(60))
    texts = {"a": f"{other}\n{notice}", "b": body, "c": f"{body} end\n{notice}"}
    rows = [json.dumps({"id": id, "text": text}) for id, text in texts.items()]
    (tmp_path / "in.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "n.yaml").write_text(
        "name: n\nsources: [{path: in.jsonl}]\n"
        "stages: [{stage: deduplicate_lines, documents: 2}, deduplicate]\n",
        encoding="utf-8",
    )
    built = build(load_config(tmp_path / "n.yaml"), engine=Serial())
    (removed,) = pq.read_table(built.path / "ledger" / "removed.parquet").to_pylist()
    assert {removed["id"], removed["evidence"]} == {"b", "c"}
    assert removed["reason"] == "near_duplicate"
