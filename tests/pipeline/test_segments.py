"""Segments: which stages share a pass over the documents."""

from __future__ import annotations

import json
from typing import ClassVar, Literal

import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.segments import segments
from corpus.similarity.observations import Column
from corpus.stages.base import CorpusStage, DocumentStage


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


TAG, DECIDE, CUT = Tag(), Decide(), Cut()


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
    ],
)
def test_a_segment_ends_before_a_document_stage_and_after_a_change_of_texts(stages, expected):
    """A stage never shares the observations that were made before a text was changed."""
    result = segments(stages)
    assert [(each.document_stages, each.deciding_stages) for each in result] == expected


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
