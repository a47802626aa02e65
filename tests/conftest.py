"""Fixtures for every test."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import settings

from corpus.documents import (
    CONTENT,
    DOCUMENT,
    ID,
    ID_IS_GIVEN,
    KEY,
    ORIGIN,
    RECORD,
    RECORD_HASH,
    SOURCE,
    TEXT,
)

# the same examples in each run: new ones are the work of scripts/reliability/fuzzing.py
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def digest(value: object) -> bytes:
    """Return a hash of a value, 16 bytes."""
    return hashlib.blake2b(repr(value).encode(), digest_size=16).digest()


def make_documents(*texts: str | None, **columns: list[object]) -> pa.RecordBatch:
    """Return a batch of documents with these texts. Ids are `doc-0`, `doc-1`, ..., unless given."""
    ids = columns.pop(ID, None) or [f"doc-{i}" for i in range(len(texts))]
    schema = pa.schema([*DOCUMENT, *ORIGIN])
    filled: dict[str, list[object]] = {
        ID: ids,
        TEXT: list(texts),
        SOURCE: ["test.jsonl"] * len(texts),
        KEY: [digest(id) for id in ids],
        RECORD_HASH: [digest((id, text)) for id, text in zip(ids, texts, strict=True)],
        RECORD: list(range(1, len(texts) + 1)),
        ID_IS_GIVEN: [True] * len(texts),
        CONTENT: ["text"] * len(texts),
    } | columns
    arrays = {
        field.name: pa.array(filled.pop(field.name, [None] * len(texts)), field.type)
        for field in schema
    }
    return pa.record_batch(arrays | {name: pa.array(values) for name, values in filled.items()})


@pytest.fixture(scope="session")
def documents() -> Callable[..., pa.RecordBatch]:
    """Return a function that makes a batch of documents from texts and named columns."""
    return make_documents


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real inputs next to the checkout; skip the test if there is none."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real inputs are not available")
    return folder


HOSTILE = "</td><script>alert(1)</script> | `x` [a](http://a.example) *b* \u202e\x1b[31m\n---\n# no"
"""A title that is markup, a table border, a link and a terminal sequence."""

_STRING, _DATE = pa.string(), pa.timestamp("us", "UTC")
TINY = pa.schema(
    [(name, _DATE if name == "date" else _STRING) for name in DOCUMENT.names if name != "author"]
    + [("language", _STRING), ("language_score", pa.float32()), ("section", _STRING)]
)
"""The columns of the tiny build."""


def tiny_shard(split: str, n: int) -> pa.Table:
    """Return `n` documents of a split with hostile titles and texts."""
    ids = [f"{split}-{n}-{i}" for i in range(n)]
    columns = {
        "id": ids,
        "text": [f"{HOSTILE} text of {id}. " * 9 for id in ids],
        "title": [HOSTILE] * n,
        "publisher": [*("no", HOSTILE, None)[:n], *["Wire"] * (n - 3)],
        "date": [*(1_684_713_600_000_000, None)[:n], *[1_700_000_000_000_000] * (n - 2)],
        "url": ["https://www.a.example/1"] * n,
        "source": ["a\n# b|c.jsonl"] * n,
        "language": ["no", *["en"] * (n - 1)],
        "language_score": [0.5, *[0.99] * (n - 1)],
        "section": [None, *["x"] * (n - 1)],
    }
    arrays = [pa.array(columns[field.name], field.type) for field in TINY]
    return pa.Table.from_arrays(arrays, schema=TINY)


@pytest.fixture
def tiny_build(tmp_path: Path) -> tuple[Path, dict[str, Any], dict[str, Any]]:
    """Return a folder with three shards of hostile documents, its manifest and its audit."""
    import pyarrow.parquet as pq

    from corpus.auditing.measure.counting import measure
    from corpus.auditing.measure.report import report_on_build
    from corpus.auditing.measure.statistics import Statistics
    from corpus.documents import REMOVED

    folder, statistics, files, splits = tmp_path / "news", Statistics(), {}, {}
    (folder / "data").mkdir(parents=True)
    for split, sizes in (("train", (6, 3)), ("test", (2,))):
        shards = [f"data/{split}-{i:05}-of-{len(sizes):05}.parquet" for i in range(len(sizes))]
        for path, n in zip(shards, sizes, strict=True):
            pq.write_table(tiny_shard(split, n), folder / path)
            statistics = statistics.merge(measure(tiny_shard(split, n), split=split))
            data = (folder / path).read_bytes()
            sha = hashlib.sha256(data).hexdigest()
            files[path] = {"bytes": len(data), "sha256": sha, "rows": n}
        size = sum(files[path]["bytes"] for path in shards)
        splits[split] = {"documents": sum(sizes), "bytes": size, "shards": shards}
    (folder / "ledger").mkdir()
    ledger = tiny_ledger()
    pq.write_table(pa.Table.from_pylist(ledger, REMOVED), folder / "ledger" / "removed.parquet")
    manifest = tiny_manifest(files, splits)
    names = ("id", "source", "stage", "reason", "evidence", "score")
    examples = [{name: row[name] for name in names} | {"excerpt": HOSTILE} for row in ledger[1:4]]
    example = {"key": "00", "id": HOSTILE, "source": HOSTILE, "gone": [HOSTILE]}
    changed = {"clean": [example | {"characters": [9, 8], "before": HOSTILE, "after": HOSTILE}]}
    audit = report_on_build(folder, manifest, statistics, examples, changed)
    for split, entry in splits.items():
        entry["characters"] = audit["splits"][split]["characters"]
    return folder, manifest, audit


def tiny_ledger() -> list[dict[str, Any]]:
    """Return the ledger of the tiny build: two empty records and two clusters of duplicates."""
    near: dict[str, Any] = {"source": "a\n# b|c.jsonl", "record": "0" * 32}
    near |= {"stage": "deduplicate", "reason": "near_duplicate"}
    kept = ["train-6-0"] * 4 + ["test-2-1"] * 2
    rows = [
        near | {"id": f"{HOSTILE}{i}", "evidence": kept[i], "score": 0.8 + i / 100}
        for i in range(6)
    ]
    empty = near | {"stage": "read", "reason": "empty", "evidence": None, "score": None}
    return [empty | {"id": "empty-1"}, empty | {"id": "empty-2"}, *rows]


def tiny_manifest(files: dict[str, Any], splits: dict[str, Any]) -> dict[str, Any]:
    """Return the manifest of the tiny build."""
    file = {"source": "a\n# b|c.jsonl", "config": 0, "bytes": 999, "sha256": "0" * 64}
    contents = {"records": 20, "rejected": 1, "content": "0" * 32}
    return {
        "format": 1,
        "name": "news",
        "corpus": "0.1.0",
        "identity": "1f" * 32,
        "seed": 17,
        "as_of": None,
        "config": {
            "name": "news",
            "seed": 17,
            "sources": [{"path": "data/*.jsonl", "constants": {"publisher": HOSTILE}}],
            "stages": [{"stage": "deduplicate", "threshold": 0.8}],
            "output": {"shard_size": 256_000_000},
            "card": {},
        },
        "versions": {"python": "3.11"},
        "inputs": [file | contents],
        "counts": {
            "read": 20,
            "kept": 11,
            "removed": 8,
            "rejected": 1,
            "splits": {split: entry["documents"] for split, entry in splits.items()},
        },
        "funnel": [
            {"stage": "read", "reason": "empty", "documents": 2, "characters": 0},
            {
                "stage": "deduplicate",
                "reason": "near_duplicate",
                "documents": 6,
                "characters": 1234,
            },
        ],
        "stages": [
            {"stage": "deduplicate", "threshold": 0.8, "metrics": {"recall": {"0.8": 0.99}}}
        ],
        "splits": splits,
        "columns": [{"name": field.name, "type": str(field.type)} for field in TINY],
        "files": files,
    }
