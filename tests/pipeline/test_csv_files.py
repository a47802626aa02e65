"""A build reports how its CSV files were read, and what their rows lack."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.cli.build_summary import summary
from corpus.config.load import load_config
from corpus.errors import ConfigError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial


def built_from(folder: Path, files: dict[str, str | bytes], path: str = "*.csv"):
    """Write the files and build them, without any unreadable record."""
    for name, data in files.items():
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    config = folder / "ferry.yaml"
    config.write_text(
        f"name: ferry\nsources: [{{path: '{path}'}}]\nstages: [{{stage: language}}]\n"
        "output: {path: out}\non_error: 0\n",
        encoding="utf-8",
    )
    return build(load_config(config), engine=Serial())


def test_short_rows_and_dialects_are_reported(tmp_path):
    """Manifest, summary and audit count short rows; the manifest has each unusual dialect."""
    rows = [f"{i};The ferry left pier {i} on time, as always." for i in range(4)]
    built = built_from(
        tmp_path,
        {
            "a.csv": "id;text;author\n" + "".join(f"{row};\n" for row in rows[:2]) + rows[2],
            "b.csv": f"id,text\n9,{rows[3][2:].replace(',', '')}\n",
        },
    )
    first, second = built.manifest["inputs"]
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "short_rows"]
    reason = "1 row of 'a.csv' has fewer fields than the header; the missing fields are null"

    assert built.manifest["counts"]["kept"] == 4
    assert (first["short_rows"], first["dialect"]) == (1, "delimiter ';', quotes doubled")
    assert "short_rows" not in second
    assert "dialect" not in second
    assert check["reason"] == reason
    words = " ".join(summary(built, load_config(tmp_path / "ferry.yaml").card).split())
    assert reason in words


def test_a_detected_encoding_is_reported(tmp_path):
    """Manifest, summary and audit name the encoding of files of records that are not UTF-8."""
    rows = ["Die Fähre über den Fluß fährt früh.", "Für größere Wägen ist es zu spät."]
    jsonl = "".join(f'{{"id": "{i}", "text": "{row}"}}\n' for i, row in enumerate(rows))
    files = {
        "in/a.csv": ("id,text\n" + "".join(f"a{i},{row}\n" for i, row in enumerate(rows))).encode(
            "cp1252"
        ),
        "in/b.jsonl": jsonl.encode("utf-16-be"),
        "in/c.jsonl": jsonl.replace('"id": "', '"id": "c').encode(),
    }
    (tmp_path / "in").mkdir()
    built = built_from(tmp_path, files, path="in/*")
    (check,) = [c for c in built.audit.statistics["checks"] if c["id"] == "encodings"]
    reason = "1 file as cp1252 ('a.csv'), 1 file as utf-16-be ('b.jsonl')"

    assert [entry.get("encoding") for entry in built.manifest["inputs"]] == [
        "cp1252",
        "utf-16-be",
        None,
    ]
    assert built.manifest["counts"]["kept"] == 6
    assert reason in check["reason"]
    words = " ".join(summary(built, load_config(tmp_path / "ferry.yaml").card).split())
    assert reason in words


def test_a_csv_file_without_a_header_is_a_mistake_of_the_config(tmp_path):
    """The error shows the first row, and the setting that names the columns."""
    pattern = r"sources\[0\]: no record .* looks like a record.*header: \[\.\.\., text, \.\.\.\]"
    with pytest.raises(ConfigError, match=pattern) as caught:
        built_from(tmp_path, {"a.csv": '1,"The ferry left, on time."\n2,It came back.\n'})
    assert "The ferry left, on time." in str(caught.value)
