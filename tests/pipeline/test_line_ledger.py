"""The ledger of lines: what was cut from the texts of documents that are kept."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

import corpus
from corpus.auditing.explain.explain import explain
from corpus.builds.verify import verify
from corpus.pipeline import sorted_runs
from corpus.pipeline.engine import Serial
from corpus.sources.json import lines as json_lines

NOTICE = "This notice of one dozen words stands below each and every article here."

CONFIG = """
name: papers
sources:
  - path: in/*.jsonl
stages:
  - stage: deduplicate
  - stage: deduplicate_lines
    documents: 2
  - stage: split
    test: 3
output:
  shard_size: 2kB
card: {}
"""


def paragraph(k, j):
    """Return a paragraph that no other story has."""
    return f"Paragraph {j} of story {k} tells what nobody else tells, at length, of w{k}x{j}."


def record(k):
    """Return a story; the notice is below all but every fourth of them."""
    lines = [paragraph(k, j) for j in range(3)] + [NOTICE] * (k % 4 > 0) + ["By hand"]
    return {"id": f"story-{k}", "text": "\n\n".join(lines), "date": f"2023-05-{k % 27 + 1:02d}"}


def build(folder, records):
    """Return the folder of a build of these records, seven in each file."""
    (folder / "in").mkdir(parents=True)
    for i in range(0, len(records), 7):
        lines = [json.dumps(each) for each in records[i : i + 7]]
        (folder / "in" / f"{i:03d}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "papers.yaml").write_text(CONFIG, encoding="utf-8")
    return corpus.build(corpus.load_config(folder / "papers.yaml"), engine=Serial()).path


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a build that the tests only read."""
    records = [record(k) for k in range(24)] + [{"id": "only", "text": f"{NOTICE}\n{NOTICE}"}]
    return build(tmp_path_factory.mktemp("lines"), records)


def test_every_cut_line_is_in_the_ledger(built):
    """The ledger has one row per cut line, over all shards and splits."""
    rows = pq.read_table(built / "ledger" / "lines.parquet").to_pylist()
    expected = {f"story-{k}" for k in range(24) if k % 4} - {"story-1"}
    assert {row["id"] for row in rows} == expected
    assert len(rows) == len(expected)
    for row in rows:
        text = record(int(row["id"][6:]))["text"]
        assert text[row["begin"] : row["begin"] + row["characters"]] == NOTICE
        assert (row["stage"], row["documents"]) == ("deduplicate_lines", 19)
        assert row["kept_in"] == "story-1"
    assert verify(built).differences == ()


def test_published_texts_are_without_cut_lines(built):
    """The shards contain the texts as read, without the lines of the ledger."""
    table = pq.read_table(built / "data").to_pylist()
    assert {row["id"] for row in table} == {f"story-{k}" for k in range(24)}
    for row in table:
        full_text = record(int(row["id"][6:]))["text"]
        keeps_notice = row["id"] == "story-1"
        assert row["text"] == (
            full_text if keeps_notice else full_text.replace(f"{NOTICE}\n\n", "")
        )
    (removed,) = pq.read_table(built / "ledger" / "removed.parquet").to_pylist()
    assert (removed["id"], removed["reason"], removed["evidence"]) == (
        *("only", "only_repeated_lines", "story-1"),
    )


def test_the_card_reports_cut_lines(built):
    """The card gives the numbers and names the ledger."""
    card = (built / "README.md").read_text(encoding="utf-8")
    assert "from kept documents are in `ledger/lines.parquet`" in card
    assert "documents that lost lines: `17`" in card


def test_explain_lists_the_cut_lines(built):
    """`explain` cuts the lines again, and its result is the published text."""
    story = str(explain(built, "story-2"))
    assert "deduplicate_lines: " in story
    assert f"- '{NOTICE[:40]}" in story
    assert "the code has changed" not in story


def test_order_and_chunks_do_not_change_the_ledger(built, tmp_path, monkeypatch):
    """The lines of each file in another order and in other chunks give the same bytes."""
    records = [record(k) for k in range(24)] + [{"id": "only", "text": f"{NOTICE}\n{NOTICE}"}]
    files = (records[first : first + 7] for first in range(0, len(records), 7))
    records = [each for file in files for each in reversed(file)]
    monkeypatch.setattr(sorted_runs, "MAX_BATCH_ROWS", 2)
    monkeypatch.setattr(json_lines, "CHUNK_BYTES", 700)
    other = build(tmp_path, records)
    assert (built / "ledger/lines.parquet").read_bytes() == (
        other / "ledger/lines.parquet"
    ).read_bytes()
    shards = [sorted(folder.glob("data/*.parquet")) for folder in (built, other)]
    for pair in zip(*shards, strict=True):
        table, other_table = (pq.read_table(path) for path in pair)
        assert table.select(["id", "text"]).equals(other_table.select(["id", "text"]))


def test_a_build_that_cuts_no_lines_has_no_ledger_of_lines(tmp_path):
    """Without such a stage, there are only the two other ledgers."""
    records = [record(k) for k in range(3)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    (tmp_path / "n.yaml").write_text(
        "name: n\nsources: [{path: in/*.jsonl}]\nstages: [deduplicate]\ncard: {}\n",
        encoding="utf-8",
    )
    made = corpus.build(corpus.load_config(tmp_path / "n.yaml"), engine=Serial()).path
    assert sorted(path.name for path in (made / "ledger").iterdir()) == [
        "rejected.parquet",
        "removed.parquet",
    ]
