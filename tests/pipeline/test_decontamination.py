"""A build with benchmarks: one index for all workers, and the coverage in card and audit."""

from __future__ import annotations

import json
import re
import shutil

import pyarrow.parquet as pq
import pytest

from corpus.contamination import build_index
from corpus.errors import InputError
from tests.pipeline.test_thresholds import ROWS, built, count_passes, documents, removals

QUESTION = "Which of the two rivers of the valley is the longer one, and where does it rise"
BENCHMARKS = "[{{name: valley, path: {path}}}]"
STAGES = f"[{{{{stage: decontaminate, share: {{share}}, benchmarks: {BENCHMARKS}}}}}, split]"
PLANTED = [*ROWS, {"id": "planted", "text": f"A quiz. {QUESTION.upper()}? And more of it."}]


def quiz(folder, *, path="bench/quiz.jsonl", share=0.5, rows=PLANTED, more=""):
    """Return a build without documents that have a question of the benchmark."""
    bench = folder / path
    bench.parent.mkdir(parents=True, exist_ok=True)
    records = [{"question": QUESTION}, {"question": QUESTION + "!"}, {"question": "Why?"}]
    bench.write_text("\n".join(map(json.dumps, records)))
    return built(folder, STAGES.format(share=share, path=path), rows, more)


def test_card_and_audit_have_the_coverage(tmp_path):
    """Manifest, audit and card say what was searched for, what was not, and what was found."""
    made = quiz(tmp_path)
    assert removals(made)["planted"] == ("decontaminate", "benchmark_question")
    audit = json.loads((made.path / "audit/audit.json").read_bytes())
    (row,) = audit["contamination"]
    assert row["skipped"] == {"duplicate": 1, "too_short": 1}
    assert (row["items"], row["indexed"], row["documents"]) == (3, 1, 1)
    card = (made.path / "README.md").read_text(encoding="utf-8")
    assert re.search(r"\| `valley` \| \w+ \| 3 \| 1 \| 0 \| 1 duplicate, 1 too short \| 1 \|", card)
    page = (made.path / "audit/index.html").read_text(encoding="utf-8")
    assert "1 duplicate, 1 too short" in page
    assert QUESTION.lower() not in card.lower()


def test_index_and_measurements_are_used_again(tmp_path, monkeypatch):
    """Another threshold or place of the benchmark neither indexes nor reads anything again."""
    quiz(tmp_path, share=0.99)
    passes = count_passes(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(build_index, "build_index", None)
        again = quiz(tmp_path, path="moved/quiz.jsonl", share=0.4, more="output: {path: build/d}")
    assert passes == []
    assert removals(again)["planted"] == ("decontaminate", "benchmark_question")
    shutil.rmtree(tmp_path / "build")
    fresh = quiz(tmp_path, path="moved/quiz.jsonl", share=0.4, more="output: {path: build/d}")
    assert documents(fresh) == documents(again)


def test_the_name_of_a_file_of_a_benchmark_belongs_to_the_build(tmp_path):
    """The evidence has it, so a renamed file with the same content is another build."""
    stages = STAGES.format(share=0.5, path="bench/*.jsonl")
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/old.jsonl").write_text(json.dumps({"question": QUESTION}))
    assert not built(tmp_path, stages, PLANTED).unchanged
    assert built(tmp_path, stages, PLANTED).unchanged
    (tmp_path / "bench/old.jsonl").rename(tmp_path / "bench/new.jsonl")
    again = built(tmp_path, stages, PLANTED)
    assert not again.unchanged
    ledger = pq.read_table(again.path / "ledger/removed.parquet").to_pylist()
    assert [row["evidence"] for row in ledger if row["id"] == "planted"] == ["valley new.jsonl:1"]


def test_an_unreadable_benchmark_stops_the_build(tmp_path):
    """The message names the file and the record, and there is no build."""
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/quiz.jsonl").write_text('{"question": "Why?"}\n{"question"')
    stages = STAGES.format(share=0.5, path="bench/quiz.jsonl")
    with pytest.raises(InputError, match=r"benchmark 'valley': quiz\.jsonl:2: invalid JSON"):
        built(tmp_path, stages)
    assert not (tmp_path / "build/c").exists()
