"""Columns that a stage fills when it decides are in the shards."""

from __future__ import annotations

import json

from tests.pipeline.test_build import article
from tests.pipeline.test_thresholds import built, documents

LONG = article(3, 30)
ROWS = [{"id": "a", "text": LONG}, {"id": "b", "text": LONG[:500]}, {"id": "c", "text": article(9)}]


def test_a_decided_column_is_published(tmp_path):
    """A corpus stage at the end fills its columns."""
    made = built(tmp_path, "[containment]", ROWS)
    assert [row["contained_in"] for row in documents(made)] == [None, "a", None]


def test_a_decided_column_without_a_value_is_left_out(tmp_path):
    """As for every column, nothing is published if no kept document has a value."""
    item = {"question": "which river of the long valley is the longest of all of them here"}
    (tmp_path / "bench.jsonl").write_text(json.dumps(item))
    stages = "[{stage: decontaminate, action: flag, benchmarks: [{name: b, path: bench.jsonl}]}]"
    assert "contaminated_by" not in documents(built(tmp_path, stages, ROWS))[0]
    flagged = built(tmp_path, stages, [*ROWS, {"id": "d", "text": item["question"]}])
    assert documents(flagged)[3]["contaminated_by"] == ["b bench.jsonl:1"]
