"""Records that are not documents are counted by reason, wherever a person looks for them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

import corpus
from corpus.cli.build_summary import as_dict, summary
from corpus.config.load import load_config
from corpus.errors import InputError
from corpus.pipeline.build import build
from corpus.pipeline.engine import Serial
from corpus.pipeline.result import Build
from corpus.sources.warc import reader as warc

WORDS = ["harbour", "ferry", "tide", "keeper", "lantern", "pier", "gull", "net", "mast", "anchor"]


def record(type: str, status: str = "200 OK", kind: str = "text/html", number: int = 0) -> bytes:
    """Return a WARC record with a short page."""
    text = " ".join(WORDS[(number * 3 + i * (number % 7 + 1)) % 10] for i in range(60))
    page = f"<html><body><article><p>{number} {text}.</p></article></body></html>"
    block = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n{page}"
    head = f"WARC/1.0\r\nWARC-Type: {type}\r\nWARC-Target-URI: http://e.org/{number}\r\n"
    return f"{head}Content-Length: {len(block)}\r\n\r\n{block}\r\n\r\n".encode()


SKIPPED = [
    *(record("request", number=i) for i in range(4)),
    record("warcinfo"),
    record("response", status="404 Not Found"),
    record("response", status="404 Not Found", number=1),
    record("response", kind="image/png"),
]
COUNTS = {"request": 4, "status 404": 2, "not_html": 1, "warcinfo": 1}
LINE = "8 (4 request, 2 status 404, 1 not_html, 1 warcinfo)"


@pytest.fixture
def make(tmp_path: Path) -> Callable[[dict[str, bytes]], Build]:
    """Return a function that builds a corpus from WARC files."""

    def build_files(files: dict[str, bytes]) -> Build:
        for name, data in files.items():
            (tmp_path / name).write_bytes(data)
        (tmp_path / "c.yaml").write_text(
            "name: tides\nsources: [{path: '*.warc*', content: text}]\n"
            "stages: []\noutput: {path: out}\n"
        )
        return build(load_config(tmp_path / "c.yaml"), engine=Serial())

    return build_files


def test_skipped_records_are_counted_by_reason(make):
    """Manifest, summary, audit.json and audit page have the counts of all files."""
    pages = [record("response", number=i) for i in range(5)]
    built = make({"a.warc": b"".join([*SKIPPED[:3], *pages]), "b.warc": b"".join(SKIPPED[3:])})
    inputs = {entry["source"]: entry for entry in built.manifest["inputs"]}
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())

    assert inputs["a.warc"]["skipped"] == {"request": 3}
    assert inputs["b.warc"]["skipped"] == {k: v - (k == "request") * 3 for k, v in COUNTS.items()}
    assert (inputs["b.warc"]["records"], built.manifest["counts"]["read"]) == (0, 5)
    assert as_dict(built)["skipped"] == audit["skipped"] == COUNTS
    assert f"skipped because they are not documents: {LINE}" in summary(
        built, load_config(built.path.parent / "c.yaml").card
    )
    assert LINE in (built.path / "audit" / "index.html").read_text(encoding="utf-8")
    assert f"not pages  {LINE}" in str(corpus.audit(built.path, topics=False))


def test_skipped_records_do_not_depend_on_the_chunks(make, monkeypatch):
    """A file that is read in many chunks has the same counts."""
    monkeypatch.setattr(warc, "SMALL_COMPRESSED_BYTES", 10)
    monkeypatch.setattr(warc, "CHUNK_BYTES", 600)
    data = b"".join([*SKIPPED, *(record("response", number=i) for i in range(5)), *SKIPPED])
    (entry,) = make({"a.warc.gz": gzip.compress(data)}).manifest["inputs"]

    assert entry["skipped"] == {reason: 2 * n for reason, n in COUNTS.items()}


def test_a_build_without_skipped_records_does_not_mention_them(make):
    """If every record is a page, there is nothing to count."""
    built = make({"a.warc": b"".join(record("response", number=i) for i in range(5))})
    (entry,) = built.manifest["inputs"]

    assert "skipped" not in entry
    assert "not pages" not in str(corpus.audit(built.path, topics=False))


def test_a_corpus_of_nothing_but_skipped_records_says_so(make):
    """If no record is a page, the message lists the reasons."""
    with pytest.raises(InputError, match=r"(?s)not a page: request: 4.*not a page: status 404: 2"):
        make({"a.warc": b"".join(SKIPPED)})


def test_an_audit_of_files_counts_skipped_records(tmp_path):
    """`corpus audit` of a WARC file has the counts, too."""
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join([*SKIPPED, record("response")]))
    audit = corpus.audit(path, topics=False)

    assert audit.statistics["skipped"] == COUNTS
    assert f"not pages  {LINE}" in str(audit)
    assert LINE in audit.page()
