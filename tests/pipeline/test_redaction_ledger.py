"""The ledger of redactions: one row for each match in a document that is kept."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import corpus
from corpus.pipeline.redact_outputs import (
    evidence_redaction,
    redact_evidence,
    redact_metrics,
)
from corpus.stages.base import QuotedMetric
from corpus.stages.redact import Redact
from corpus.stages.site_boilerplate import SiteBoilerplate

KEPT = "Write to ada@post.example.org about the meeting of the committee on Thursday in the hall."


def build(tmp_path, stages, content="text"):
    """Build what is in `in.jsonl` with these stages."""
    source = {"path": str(tmp_path / "in.jsonl"), "content": content}
    output = {"path": str(tmp_path / "out")}
    config = {"name": "redacted", "sources": [source], "stages": stages, "output": output}
    return corpus.build(config, jobs=1)


def test_the_ledger_lists_what_was_redacted_in_kept_documents(tmp_path):
    """A later pass keeps the spans; documents that another stage removes are not in the ledger."""
    rows = [
        {"id": "a", "text": KEPT, "_redacted": "mine"},
        {"id": "b", "text": "Short: eve@post.example.org"},
        {"id": "c", "text": KEPT + " Call +49 30 901820 before you come, she said, and be early."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    stages = [{"stage": "redact"}, {"stage": "filter", "words": {"min": 6}}, "deduplicate"]
    built = build(tmp_path, stages)
    ledger = pq.read_table(built.path / "ledger/redacted.parquet").sort_by("id").to_pylist()
    assert [(row["id"], row["type"], row["begin"]) for row in ledger] == [
        ("a", "email", 9), ("c", "email", 9), ("c", "phone", 95)
    ]  # fmt: skip
    metrics = next(s for s in built.manifest["stages"] if s["stage"] == "redact")["metrics"]
    assert [(row["type"], row["documents"], row["matches"]) for row in metrics["redacted"]] == [
        ("email", 2, 2), ("phone", 1, 1)
    ]  # fmt: skip
    assert built.audit.statistics["redactions"] == metrics["redacted"]
    names = [column["name"] for column in built.manifest["columns"]]
    assert "_redacted" not in names
    assert "ada@" not in (built.path / "README.md").read_text()
    assert "ada@" not in (built.path / "audit/index.html").read_text()
    assert "email" in (built.path / "README.md").read_text()
    assert corpus.verify(built.path).differences == ()


@pytest.mark.parametrize(
    ("text", "n"), [("Nobody is named here.", 0), (f"{KEPT} ada@b.example", 1)]
)
def test_the_page_has_a_table_of_redactions_only_if_there_are_any(tmp_path, text, n):
    """Without a match, a sentence stands in place of an empty table."""
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": text}))
    built = build(tmp_path, ["redact"])
    page = (built.path / "audit/index.html").read_text()
    assert page.count(">Redactions</caption>") == n
    assert page.count("has no match in these documents") == 1 - n


def test_two_stages_count_each_match_once(tmp_path):
    """The metrics of the last stage count what both replaced; the audit does not double it."""
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": f"{KEPT} Or +49 30 901820."}))
    built = build(
        tmp_path,
        [
            {"stage": "redact", "types": ["email"]},
            {"stage": "redact", "types": ["phone"]},
        ],
    )
    first, second = (stage["metrics"] for stage in built.manifest["stages"])
    assert first == {}
    assert [(row["type"], row["matches"]) for row in second["redacted"]] == [
        ("email", 1), ("phone", 1)
    ]  # fmt: skip
    assert built.audit.statistics["redactions"] == second["redacted"]


def test_nothing_that_was_replaced_is_in_any_file(tmp_path):
    """Neither the build nor the cache shows it, also if its own line does not tell what it is."""
    rows = [
        {"id": f"d{i}", "text": f"{KEPT}\nTelefon\n30 14567{i} 90\nThe hall is open until ten."}
        for i in range(4)
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    built = corpus.build(
        {
            "name": "redacted",
            "sources": [{"path": str(tmp_path / "in.jsonl"), "content": "text"}],
            "stages": [{"stage": "redact", "types": {"phone": {"regions": ["DE"]}, "email": {}}}],
            "output": {"path": str(tmp_path / "out" / "redacted")},
        },
        jobs=1,
    )
    assert built.manifest["stages"][0]["metrics"]["redacted"][1]["matches"] == 4
    for file in (tmp_path / "out").rglob("*"):
        if file.is_file() and file.suffix != ".parquet":
            data = file.read_bytes()
            assert b"14567" not in data, file
            assert b"ada@post" not in data, file


def write_documents(folder, rows):
    """Write documents as JSON Lines, and return the source of a config."""
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return [{"path": str(folder / "in.jsonl"), "content": "text"}]


def assert_nowhere(folder, *values):
    """Assert that no file of a build has one of the values, also within Parquet."""
    for file in folder.rglob("*"):
        if not file.is_file():
            continue
        data = file.read_bytes()
        if file.suffix == ".parquet":
            data = str(pq.read_table(file).to_pylist()).encode()
        for value in values:
            assert value.encode() not in data, (file, value)


@pytest.mark.parametrize("redact_is_first", [False, True])
def test_the_evidence_of_a_filter_is_redacted(tmp_path, redact_is_first):
    """The value of a column that `redact` covers is in no ledger, before and after the stage."""
    common = {"text": KEPT, "author": "Ada", "section": "x"}
    rows = [
        {"id": "a", **common},
        {"id": "b", **common, "author": "eve@post.example.org"},
        {"id": "c", **common, "author": "+49 30 901820"},
        {"id": "d", **common, "section": "0301@example.org", "mails": ["q@q.example"]},
        {"id": "e", **common, "mails": ["ann@post.example.org"]},
    ]
    redact = {"stage": "redact", "columns": ["text", "author", "mails"]}
    filters = {
        "stage": "filter",
        "columns": {"author": ["Ada"]},
        "without": {"section": ["0301@example.org"], "mails": ['["ann@post.example.org"]']},
    }
    built = corpus.build(
        {
            "name": "redacted",
            "sources": write_documents(tmp_path, rows),
            "stages": [redact, filters] if redact_is_first else [filters, redact],
            "output": {"path": str(tmp_path / "out")},
        },
        jobs=1,
    )
    ledger = pq.read_table(built.path / "ledger/removed.parquet").to_pylist()
    evidence = {row["id"]: row["evidence"] for row in ledger}
    assert evidence["b"] == "author=<EMAIL>"
    assert evidence["c"] == "author=<PHONE>"
    assert evidence["d"] == "section=0301@example.org"  # not covered by redact
    if not redact_is_first:
        assert evidence["e"] == 'mails=["<EMAIL>"]'
    assert_nowhere(built.path, "eve@post", "901820", "ada@post", "q@q.example")
    assert built.audit.statistics["removals"]["examples"]


def test_the_lines_that_a_stage_lists_are_redacted():
    """Frequent lines of a site are redacted; a part of an address at a cut end is left out."""
    stages = [SiteBoilerplate(), Redact()]
    cut = "Contact us at any time, day or night: ".ljust(191, "-") + " ada@post"
    lines = ["Write to eve@post.example.org", cut, "All rights reserved"]
    metrics = {"pages": 3, "commonest": [{"site": "a", "line": line} for line in lines]}
    redacted = redact_metrics(stages[0], metrics, stages)
    assert [row["line"] for row in redacted["commonest"]] == [
        "Write to <EMAIL>", f"{cut[:191]} …", "All rights reserved"
    ]  # fmt: skip
    assert redact_metrics(stages[0], metrics, stages[:1]) == metrics


def test_every_stage_says_which_metrics_and_evidence_have_text():
    """What a stage of this package declares is redacted, whatever its name is."""

    class Quoting(SiteBoilerplate):
        stage: str = "quoting"
        quoted_metrics = (QuotedMetric("first", "line", 10), QuotedMetric("rest", "words", 99))

        def quoted_columns(self):
            return ("author",)

    Quoting.__module__ = "corpus.stages.quoting"
    stages = [Quoting(), Redact(columns=("author",))]
    address = "eve@post.example.org"
    metrics = {"first": [{"line": address[:10]}], "rest": [{"words": address}], "n": 1}
    assert redact_metrics(stages[0], metrics, stages) == {
        "first": [{"line": " …"}],
        "rest": [{"words": "<EMAIL>"}],
        "n": 1,
    }
    ledger = pa.table(
        {
            "stage": ["quoting", "quoting", "clean"],
            "evidence": [f"author={address}", f"title={address}", f"author={address}"],
        }
    )
    redacted = redact_evidence(ledger, evidence_redaction(stages)).column("evidence")
    assert redacted.to_pylist() == ["author=<EMAIL>", f"title={address}", f"author={address}"]


def test_nothing_that_a_later_redact_covers_is_in_any_file(tmp_path):
    """Removed lines, removed documents and duplicates of stages before `redact` show nothing."""
    footer = "Contact us | Telefon\n030 901820 | Menu | Login | eve@post.example.org | Imprint"
    story = f"{KEPT} The ferry to the island was late again because the tide took the buoys. " * 4
    start = ("word " * 78)[:390]
    rows = [
        {"id": "a", "text": f"Home | News | Login\n{story}\n{footer}"},
        {"id": "b", "text": f"Home | News | Login\n{story} Again.\n{footer}"},
        {"id": "c", "text": f"{start} eve@post.example.org {start * 3}"},
        {"id": "d", "text": f"{start} cut 4111 1111 1111 1111 {start * 3}"},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    stages = [
        {"stage": "clean", "min_words": 5},
        {"stage": "filter", "words": {"max": 150}},
        "deduplicate",
        "redact",
    ]
    built = build(tmp_path, stages, content="page")
    removals = built.audit.statistics["removals"]
    assert {row["stage"] for row in removals["examples"]} >= {"filter", "deduplicate"}
    assert any(row["gone"] for row in removals["changed"])
    assert_nowhere(built.path, "ada@", "eve@", "901820", "4111")
