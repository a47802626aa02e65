"""The ledger of redactions: one row for each match in a document that is kept."""

import json

import pyarrow.parquet as pq

import corpus

KEPT = "Write to ada@post.example.org about the meeting of the committee on Thursday in the hall."


def test_the_ledger_lists_what_was_redacted_in_kept_documents(tmp_path):
    """A later pass keeps the spans; documents that another stage removes are not in the ledger."""
    rows = [
        {"id": "a", "text": KEPT, "_redacted": "mine"},
        {"id": "b", "text": "Short: eve@post.example.org"},
        {"id": "c", "text": KEPT + " Call +49 30 901820 before you come, she said, and be early."},
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    stages = [{"stage": "redact"}, {"stage": "filter", "words": {"min": 6}}, "deduplicate"]
    built = corpus.build(
        {
            "name": "redacted",
            "sources": [{"path": str(tmp_path / "in.jsonl"), "content": "text"}],
            "stages": stages,
            "output": {"path": str(tmp_path / "out")},
        },
        jobs=1,
    )
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


def test_two_stages_count_each_match_once(tmp_path):
    """The metrics of the last stage count what both replaced; the audit does not double it."""
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "a", "text": f"{KEPT} Or +49 30 901820."}))
    built = corpus.build(
        {
            "name": "redacted",
            "sources": [{"path": str(tmp_path / "in.jsonl"), "content": "text"}],
            "stages": [
                {"stage": "redact", "types": ["email"]},
                {"stage": "redact", "types": ["phone"]},
            ],
            "output": {"path": str(tmp_path / "out")},
        },
        jobs=1,
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
