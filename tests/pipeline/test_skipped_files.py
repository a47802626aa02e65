"""Files that are not read are counted by kind, wherever a person looks for them."""

from __future__ import annotations

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

LINES = "".join(
    json.dumps({"text": f"The {word} keeper counted {i} boats."}) + "\n"
    for i, word in enumerate(["harbour", "light", "ferry", "tide"])
)
OTHERS = ["a.pdf", "sub/b.PDF", "sub/c.docx", "notes", ".DS_Store", ".git/config", "_SUCCESS"]
COUNTS = {".pdf": 2, "hidden": 2, ".docx": 1, "with a name that begins with _": 1}
COUNTS |= {"without extension": 1}
LINE = "2 .pdf, 2 hidden, 1 .docx, 1 with a name that begins with _, 1 without extension"


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Build]:
    """Return a function that builds a corpus from a folder with these files."""

    def build_files(*names: str) -> Build:
        for name in names:
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(LINES if name.endswith(".jsonl") else "?")
        (tmp_path / "c.yaml").write_text(
            "name: tides\nsources: [{path: in}]\nstages: []\noutput: {path: out}\n"
        )
        return build(load_config(tmp_path / "c.yaml"), engine=Serial())

    return build_files


def test_skipped_files_are_counted_by_kind(make):
    """Manifest, summary, audit.json and audit page have the counts; the manifest has names."""
    built = make("a.jsonl", *OTHERS)
    listed = {entry["kind"]: entry["names"] for entry in built.manifest["skipped_files"]}
    audit = json.loads((built.path / "audit" / "audit.json").read_bytes())
    printed = summary(built, load_config(built.path.parent / "c.yaml").card)

    assert as_dict(built)["skipped_files"] == audit["skipped_files"] == COUNTS
    assert listed[".pdf"] == ["a.pdf", "sub/b.PDF"]
    assert listed["hidden"] == []
    assert f"files that are not read: {LINE}" in " ".join(printed.split())
    assert f"Files skipped: {LINE}." in (built.path / "audit" / "index.html").read_text()
    assert f"not read   {LINE[:60]}" in str(corpus.audit(built.path, topics=False))


def test_a_new_skipped_file_is_a_new_build(make):
    """The manifest lists skipped files, so they are part of the identity."""
    first = make("a.jsonl")
    second = make("a.jsonl", "b.pdf")

    assert "skipped_files" not in first.manifest
    assert second.manifest["identity"] != first.manifest["identity"]
    assert [entry["files"] for entry in second.manifest["skipped_files"]] == [1]


def test_many_names_are_listed_up_to_a_bound(make):
    """A manifest has the names of the first twenty files of a kind."""
    (entry,) = make("a.jsonl", *(f"{i:03}.pdf" for i in range(50))).manifest["skipped_files"]

    assert (entry["files"], len(entry["names"]), entry["names"][0]) == (50, 20, "000.pdf")


def test_a_folder_of_nothing_but_skipped_files_says_so(make):
    """If no file can be read, the message lists the kinds."""
    with pytest.raises(InputError, match=rf"in: no file that can be read; skipped: {LINE}"):
        make(*OTHERS)


def test_an_audit_of_files_counts_skipped_files(tmp_path, make):
    """`corpus audit` of a folder has the counts and the names of the first few."""
    make("a.jsonl", *OTHERS)
    audit = corpus.audit(tmp_path / "in", topics=False)

    assert audit.statistics["skipped_files"] == COUNTS
    assert audit.statistics["unread"]["skipped"] == [
        "_SUCCESS", "a.pdf", "notes", "sub/b.PDF", "sub/c.docx",
    ]  # fmt: skip
