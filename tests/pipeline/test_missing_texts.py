"""Records without a text are removed, not unreadable; a column that no record has is a mistake."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.builds.verify import verify
from corpus.cli.build_summary import summary
from corpus.config.load import load_config
from corpus.errors import ConfigError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial


def built_from(folder: Path, files: dict[str, bytes], *, source: str = ""):
    """Write the files and build them, without any unreadable record."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    config = folder / "mill.yaml"
    config.write_text(
        f"name: mill\nsources: [{{path: 'in/*', {source}}}]\nstages: [{{stage: language}}]\n"
        "output: {path: out}\non_error: 0\n",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial())


def rows(n: int, **changed: object) -> list[dict[str, object]]:
    """Return records; the last one is changed."""
    texts = [{"id": f"m{i}", "text": f"The mill wheel turned {i} times today."} for i in range(n)]
    last = {key: value for key, value in (texts[-1] | changed).items() if value != "absent"}
    return [*texts[:-1], last]


def jsonl(records: list[dict[str, object]]) -> bytes:
    """Return records as JSONL."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def parquet(records: list[dict[str, object]]) -> bytes:
    """Return records as Parquet."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records), out)
    return out.getvalue()


def csv(records: list[dict[str, object]]) -> bytes:
    """Return records as CSV."""
    lines = ["id,text", *(f"{row['id']},{row.get('text') or ''}" for row in records)]
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("text", [None, "", "  ", "\u00a0\u200b\ufeff", "\1\2", "absent"])
@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("in/a.jsonl", jsonl),
        ("in/a.jsonl.gz", lambda records: gzip.compress(jsonl(records))),
        ("in/a.parquet", parquet),
        ("in/a.csv", csv),
    ],
)
def test_a_record_without_a_text_is_removed_as_empty(tmp_path, name, write, text):
    """A null, an empty and a missing text are equal in every format, and cost no budget."""
    built = built_from(tmp_path, {name: write(rows(5, text=text))})

    counts = built.manifest["counts"]
    assert (counts["kept"], counts["removed"], counts["rejected"]) == (4, 1, 0)
    (row,) = pq.read_table(built.path / "ledger" / "removed.parquet").to_pylist()
    assert (row["id"], row["stage"], row["reason"]) == ("m4", "read", "empty")
    assert verify(built.path).differences == ()


def test_a_nested_text_may_be_null(tmp_path):
    """A dotted name reads nested objects; a null anywhere on the way is a null text."""
    records = [{"id": str(i), "post": {"body": f"The mill {i} is open."}} for i in range(3)]
    records += [{"id": "n", "post": {"body": None}}, {"id": "p", "post": None}]
    source = "columns: {text: post.body}"
    first = built_from(tmp_path / "1", {"in/a.jsonl": jsonl(records)}, source=source)
    second = built_from(tmp_path / "2", {"in/a.parquet": parquet(records)}, source=source)

    for built in (first, second):
        assert built.manifest["counts"]["kept"] == 3
        assert built.manifest["counts"]["removed"] == 2


@pytest.mark.parametrize(
    ("name", "write"), [("in/a.jsonl", jsonl), ("in/a.parquet", parquet), ("in/a.csv", csv)]
)
@pytest.mark.parametrize(("wrong", "advice"), [("tex", "if 'text' is the text"), ("q", "columns:")])
def test_a_text_column_that_no_record_has_is_a_mistake_of_the_config(
    tmp_path, name, write, wrong, advice
):
    """The error names the source, the columns that exist and a near one."""
    pattern = rf"(?s)sources\[0\].*no record.*'{wrong}'.*'id', 'text'.*{advice}"
    with pytest.raises(ConfigError, match=pattern):
        built_from(tmp_path, {name: write(rows(3))}, source=f"columns: {{text: {wrong}}}")
    assert not (tmp_path / "out").exists()


def test_a_file_without_the_text_column_is_reported(tmp_path):
    """If other files of the source have the column, manifest, summary and audit name the file."""
    other = [{"id": f"o{i}", "body": "no such column"} for i in range(2)]
    built = built_from(tmp_path, {"in/a.jsonl": jsonl(rows(3)), "in/b.jsonl": jsonl(other)})
    entries = {entry["source"]: entry for entry in built.manifest["inputs"]}
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "no_text_column"]

    assert entries["b.jsonl"]["no_text_column"] == 2
    assert "no_text_column" not in entries["a.jsonl"]
    reason = "no record of 'b.jsonl' has the text column; 2 records were removed"
    assert check["reason"] == reason
    words = " ".join(summary(built, load_config(tmp_path / "mill.yaml").card).split())
    assert reason in words
