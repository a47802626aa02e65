"""The promises of the project on real inputs; skipped if the shared data are not available."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpus.config.load import load_config
from corpus.pipeline.build import Build, build
from corpus.pipeline.engine import Local, Serial


def built(folder: Path, sources: str, stages: str, engine: object | None = None) -> Build:
    """Return the build of a config with these sources and stages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "c.yaml").write_text(f"name: c\nseed: 1\nsources:{sources}\nstages:{stages}\n")
    return build(load_config(folder / "c.yaml"), engine=engine or Serial())


def measured(shared_data: Path, script: str, *arguments: object) -> str:
    """Return the output of a measuring script."""
    call = [sys.executable, script, *map(str, arguments)]
    return subprocess.run(
        call, cwd=shared_data.parent / "measure", check=True, capture_output=True, text=True
    ).stdout


def test_the_raw_page_becomes_its_article(shared_data, tmp_path):
    """A scraped page gives title, date, publisher or author, and exactly its nine paragraphs."""
    result = built(tmp_path, f" [{{path: {shared_data}/raw/*.txt}}]", " [clean]")
    (row,) = pq.read_table(result.path / "data").to_pylist()
    page = next((shared_data / "raw").glob("*.txt")).read_text()
    paragraphs = [line for line in page.split("\n") if len(line) > 60][2:11]

    assert row["title"].startswith("Russian partisans claim")
    assert row["date"].date().isoformat() == "2023-05-22"
    assert "bne IntelliNews" in (row.get("author"), row.get("publisher"))
    lines = [line for line in row["text"].split("\n") if line.strip()]
    assert len(lines) == 9
    assert [line.split()[:6] for line in lines] == [line.split()[:6] for line in paragraphs]
    assert lines[-1].endswith("Donetsk Oblast.")


REUTERS = """
  - stage: language
  - stage: deduplicate
    threshold: 0.8
  - stage: split
    test: 0.05
"""


def test_no_duplicate_is_missed_and_none_is_invented(shared_data, tmp_path):
    """On Reuters, every pair at 0.8 or more is resolved, and each removal has a kept neighbour."""
    source = shared_data / "near-duplicates" / "reuters.jsonl.zst"
    result = built(tmp_path, f" [{{path: {source}}}]", REUTERS)
    measures = json.loads(measured(shared_data, "near_duplicates.py", source, result.path))

    assert measures["documents"] == 19043
    assert (measures["missed"], measures["wrong"], measures["far"], measures["unknown_ids"]) == (
        0,
        0,
        0,
        0,
    )


def test_synthetic_duplicates_are_removed(shared_data, tmp_path):
    """On texts with known edits, at most 0.1 % of the pairs are missed, and none is wrong."""
    source = shared_data / "near-duplicates" / "dev.jsonl.zst"
    result = built(tmp_path, f" [{{path: {source}}}]", " [{stage: deduplicate, threshold: 0.8}]")
    measures = json.loads(measured(shared_data, "near_duplicates.py", source, result.path))

    assert measures["missed"] <= measures["true_pairs"] / 1000
    assert measures["wrong"] == 0


def test_articles_are_extracted_from_dumped_pages(shared_data, tmp_path):
    """On pages dumped to text, the F1 of the articles is at least 0.90."""
    gold = shared_data / "articles" / "dev.jsonl.zst"
    source = f" [{{path: {gold}, content: page, columns: {{text: page_text}}, extra_columns: []}}]"
    result = built(tmp_path, source, " [clean]")
    measures = measured(shared_data, "articles.py", gold, result.path / "data")

    assert float(measures.split("F1=")[1][:6]) >= 0.90


@pytest.fixture
def halves(shared_data, tmp_path) -> tuple[Path, list[str]]:
    """Return a folder with a part of Reuters in two files, and the lines of both."""
    with pa.input_stream(
        str(shared_data / "near-duplicates" / "reuters.jsonl.zst"), compression="zstd"
    ) as stream:
        lines = stream.read().decode().splitlines()[:3000]
    for name, part in (("a", lines[:2000]), ("b", lines[2000:])):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(part) + "\n")
    return tmp_path, lines


def identity(result: Build) -> dict[str, bytes]:
    """Return the bytes of the data, the ledgers and the audit of a build."""
    names = ("data/", "ledger/", "audit/audit.json")
    return {
        name: (result.path / name).read_bytes()
        for name in result.manifest["files"]
        if name.startswith(names)
    }


def test_only_the_documents_determine_the_bytes(halves):
    """Workers and the order of lines and of sources do not change a byte of the build."""
    folder, lines = halves
    sources = " [{path: ../a.jsonl}, {path: ../b.jsonl}]"
    first = identity(built(folder / "one", sources, REUTERS))
    reversed_sources = " [{path: ../b.jsonl}, {path: ../a.jsonl}]"
    assert identity(built(folder / "two", reversed_sources, REUTERS)) == first
    with Local(3) as workers:
        assert identity(built(folder / "three", sources, REUTERS, workers)) == first

    random.Random(2).shuffle(half := lines[:2000])
    (folder / "a.jsonl").write_text("\n".join(half) + "\n")
    assert identity(built(folder / "four", sources, REUTERS)) == first
